import type { Page } from 'playwright'

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** Microseconds that the thread itself computed. */
  tdur?: number
  args?: { name?: string }
}

/**
 * How long the page's own thread computed in each of its tasks during `action`, in milliseconds. A task that waits for a processor,
 * because the software GPU holds both, takes longer by the clock, and the Long Tasks API counts that too.
 */
export async function mainThreadTasks(page: Page, action: () => Promise<void>): Promise<number[]> {
  const browser = page.context().browser()!
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] })
  let trace: Buffer
  try {
    await action()
  } finally {
    trace = await browser.stopTracing()
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const idOf = ({ pid, tid }: TraceEvent) => `${String(pid)} ${String(tid)}`
  const pages = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(idOf),
  )
  return traceEvents
    .filter((event) => event.name === 'RunTask' && event.ph === 'X' && pages.has(idOf(event)))
    .map(({ tdur }) => {
      if (tdur === undefined) throw new Error('This browser’s trace does not tell how long a thread computed')
      return tdur / 1000
    })
}
