import { median } from '../../../core/median.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { matmulKey, tableChoice, type MatmulChoices, type ProductShape } from '../matmul/chooseMatmul.ts'
import { matmulStack } from '../matmul/matmul.ts'
import { type MatmulKernelName, possibleKernels, usualKernels } from '../matmul/matmulKernels.ts'

export interface MatmulTiming {
  readonly key: string
  readonly name: MatmulKernelName
  /** Median of the rounds, for one product. */
  readonly timeMs: number
}

export interface TuningOptions {
  readonly rounds?: number
  /** Products in one submission, so that the wait for it does not count. */
  readonly productsInARow?: number
  /** Names of the candidates; all that the adapter has by default. */
  readonly candidates?: readonly MatmulKernelName[]
  /** When no candidate and no round is begun any more, on the clock of `performance.now`. */
  readonly deadline?: number
}

/** What another kernel must win to take the table's place: less is the clock's noise. */
const leastGain = 0.1

/**
 * The fastest kernel for each shape on this adapter, as plain data for `withMatmulChoices`: it decides the bits of a
 * run, so that it belongs into the run's record. The shapes that are most work come first; those that the time was too
 * short for are left out. All candidates take turns within a round, since times drift.
 * @param products as often as a step has them
 */
export async function tuneMatmul(
  backend: LabBackend,
  products: readonly ProductShape[],
  options: TuningOptions & { readonly budgetMs: number },
): Promise<MatmulChoices> {
  const deadline = performance.now() + options.budgetMs
  const candidates = options.candidates ?? usualKernels(backend, true)
  const choices: Record<string, string> = {}
  for (const shape of byWork(products)) {
    if (performance.now() >= deadline) break
    const timings = await timeMatmul(backend, shape, { ...options, candidates, deadline })
    const [table, ...others] = timings
    if (table === undefined || others.length === 0) continue
    const best = others.reduce((a, b) => (b.timeMs < a.timeMs ? b : a))
    choices[table.key] = best.timeMs < table.timeMs * (1 - leastGain) ? best.name : table.name
  }
  return choices
}

/** Each shape once, those first that take most of a step. A choice serves all products of its key: the strictest. */
function byWork(products: readonly ProductShape[]): ProductShape[] {
  const found = new Map<string, { shape: ProductShape; work: number }>()
  for (const shape of products) {
    const key = matmulKey(shape)
    const former = found.get(key)
    const canBeParts = shape.canBeParts && (former?.shape.canBeParts ?? true)
    const work = shape.count * shape.rows * shape.columns * shape.inner + (former?.work ?? 0)
    found.set(key, { shape: { ...shape, canBeParts }, work })
  }
  return [...found.values()].sort((a, b) => b.work - a.work).map(({ shape }) => shape)
}

/** What each candidate takes for one shape, the table's first. Compiles those that no product has used yet. */
export async function timeMatmul(
  backend: LabBackend,
  shape: ProductShape,
  { rounds = 5, productsInARow = 4, candidates, deadline = Infinity }: TuningOptions = {},
): Promise<MatmulTiming[]> {
  const { count, rows, columns, inner, isATransposed, isBTransposed, canBeParts } = shape
  const filled = (height: number, width: number): tf.Tensor3D => tf.fill([count, height, width], 0.5)
  const a = isATransposed ? filled(inner, rows) : filled(rows, inner)
  const b = isBTransposed ? filled(columns, inner) : filled(inner, columns)
  const multiply = (kernel: MatmulKernelName): void =>
    matmulStack(backend, { a, b, isATransposed, isBTransposed, kernel }).dispose()
  // A recording takes no tensors that are still to be made.
  for (const operand of [a, b]) backend.rangeOf(operand)
  const run = async (kernel: MatmulKernelName, count: number): Promise<number> => {
    const start = performance.now()
    for (let i = 0; i < count; i++) multiply(kernel)
    backend.flush()
    await backend.queue.onSubmittedWorkDone()
    return (performance.now() - start) / count
  }
  const table = tableChoice(backend, shape, canBeParts)
  const names = possibleKernels(backend, canBeParts)
    .filter((name) => candidates?.includes(name) ?? true)
    .sort((x, y) => Number(y === table) - Number(x === table))
  await compile(backend, () => {
    for (const kernel of names) multiply(kernel)
  })
  const times = new Map<MatmulKernelName, number[]>()
  for (const name of names) {
    if (performance.now() >= deadline) break
    await run(name, 1)
    times.set(name, [])
  }
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && performance.now() >= deadline) break
    for (const [name, list] of times) list.push(await run(name, productsInARow))
  }
  tf.dispose([a, b])
  return [...times].map(([name, list]) => ({ key: matmulKey(shape), name, timeMs: median(list) }))
}

/** What `run` asks for, several at a time in the background, where dispatches would compile one after the other. */
async function compile(backend: LabBackend, run: () => void): Promise<void> {
  const { commands } = backend.record(run, true)
  const pipelines = commands.flatMap((command) => (command.kind === 'dispatch' ? [command.pipeline] : []))
  await Promise.all([...new Set(pipelines)].map((pipeline) => pipeline.compile()))
}
