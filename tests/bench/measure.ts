import { createBunsen, createTunedBunsen } from './contenders/bunsen.ts'
import { createJaxJs } from './contenders/jaxJs.ts'
import { createStockTfjs } from './contenders/stockTfjs.ts'
import type { Contender, CreateContender } from './contender.ts'
import { GpuCounters, type GpuCounts } from './gpuCounters.ts'
import { createMatmulCeiling, type MatmulCeiling } from './matmulCeiling.ts'
import { median } from '../../src/core/median.ts'
import type { BenchModel, Precision, Workload } from './models/benchModel.ts'

/** What was seen of one contender. */
export interface ContenderResult {
  readonly id: Contender['id']
  readonly title: string
  /** Median time from the batch on the host to the loss on the host. */
  readonly ms: number
  /** Of it, the host's own part, before it waits. */
  readonly cpuMsPerStep: number
  /** Of what the model counts. */
  readonly perSecond: number
  readonly firstStepMs: number
  readonly perStep: GpuCounts
  readonly liveBytes: number
  readonly peakBytes: number
  readonly losses: readonly number[]
}

export interface ModelResult {
  readonly model: Pick<BenchModel, 'name' | 'shape' | 'flopsPerStep' | 'perStep'>
  readonly precision: Precision
  readonly contenders: readonly ContenderResult[]
  /** Largest difference of a loss from that of the first of them, over all steps. */
  readonly maxLossDifference: number
  readonly bestMatmul: { readonly name: string; readonly flopsPerSecond: number }
  readonly rounds: number
}

export interface MeasureOptions {
  readonly gpu: GPU
  readonly precision: Precision
  /** Steps of each before the clock runs. */
  readonly warmUpSteps: number
  /** Rounds go on until the time is up, between these numbers. */
  readonly minRounds: number
  readonly maxRounds: number
  readonly budgetMs: number
  /** Side of the matrices of the ceiling, a multiple of 64. */
  readonly matmulSide: number
  readonly note: (line: string) => void
  readonly peers: readonly Peer[]
  /** Bunsen takes part a second time, with measured kernels. */
  readonly isTuned: boolean
}

export type Peer = 'tfjs' | 'jax-js'

export const allPeers: readonly Peer[] = ['tfjs', 'jax-js']

/** A turn ends with the step that makes it longer than this. */
const turnMs = 10

interface Entry {
  readonly contender: Contender
  readonly workload: Workload
  readonly losses: number[]
  readonly totalMs: number[]
  readonly hostMs: number[]
  firstStepMs: number
  perStep: GpuCounts
}

type Creator = readonly [owner: Contender['id'], create: CreateContender]

const creators: Readonly<Record<Peer, CreateContender>> = { tfjs: createStockTfjs, 'jax-js': createJaxJs }

function creatorsFor({ peers, isTuned }: MeasureOptions): Creator[] {
  return [
    ...peers.map((peer): Creator => [peer, creators[peer]]),
    ['bunsen', createBunsen],
    ...(isTuned ? [['bunsen-tuned', createTunedBunsen] as const] : []),
  ]
}

/** All contenders on one model: warmed first, then in turn until the time is up. */
export async function measureModel(model: BenchModel, options: MeasureOptions): Promise<ModelResult> {
  const workload = model.workload(options.precision)
  const counters = new GpuCounters()
  counters.install()
  const entries: Entry[] = []
  let ceiling: MatmulCeiling | null = null
  try {
    for (const [owner, create] of creatorsFor(options)) {
      options.note(`${model.name}: ${owner} compiles and warms up`)
      counters.owner = owner
      const contender = await create({ model, workload, gpu: options.gpu })
      const entry: Entry = {
        contender,
        workload,
        losses: [],
        totalMs: [],
        hostMs: [],
        firstStepMs: 0,
        perStep: { ...counters.counts },
      }
      entries.push(entry)
      await warmUp(entry, counters, options)
    }
    counters.owner = 'matmul'
    await oursOf(entries).activate()
    ceiling = await createMatmulCeiling(options.gpu, options.matmulSide)
    counters.stopCounting()
    options.note(`${model.name}: measuring`)
    const rounds = await alternate({ entries, ceiling, counters }, options)
    return {
      model,
      precision: options.precision,
      contenders: entries.map((entry) => resultOf(entry, counters, model)),
      maxLossDifference: largestDifference(entries),
      bestMatmul: ceiling.best(),
      rounds,
    }
  } finally {
    ceiling?.dispose()
    for (const { contender } of entries.reverse()) contender.dispose()
    counters.uninstall()
  }
}

async function warmUp(entry: Entry, counters: GpuCounters, { warmUpSteps }: MeasureOptions): Promise<void> {
  const start = performance.now()
  await entry.contender.prepare?.()
  await takeStep(entry)
  entry.firstStepMs = performance.now() - start
  for (let i = 1; i < warmUpSteps; i++) await takeStep(entry)
  counters.reset()
  await takeStep(entry)
  entry.perStep = { ...counters.counts }
  entry.totalMs.length = 0
  entry.hostMs.length = 0
}

/** One step, waited for to the end, so that nothing of it runs on the next one's time. */
async function takeStep({ contender, workload, losses, totalMs, hostMs }: Entry): Promise<void> {
  await contender.activate()
  const batch = workload.batch(losses.length)
  const start = performance.now()
  const submitted = contender.step(losses.length, batch)
  const onHost = performance.now()
  losses.push(await submitted.loss())
  totalMs.push(performance.now() - start)
  hostMs.push(onHost - start)
  await contender.sync()
}

/** On whose device the ceiling is measured. */
function oursOf(entries: readonly Entry[]): Contender {
  return entries.find(({ contender }) => contender.id === 'bunsen')!.contender
}

/**
 * On a device that is faster than the host, the first step after another contender pays for its garbage and finds cold
 * caches, so that quick steps come a few at a time.
 */
async function takeTurn(entry: Entry): Promise<void> {
  const start = performance.now()
  let steps = 0
  do await takeStep(entry)
  while (++steps < 10 && performance.now() - start < turnMs)
}

/** Returns the number of rounds. Each begins with another contender. */
async function alternate(
  {
    entries,
    ceiling,
    counters,
  }: { entries: readonly Entry[]; ceiling: MatmulCeiling; counters: GpuCounters },
  { minRounds, maxRounds, budgetMs }: MeasureOptions,
): Promise<number> {
  const start = performance.now()
  let round = 0
  while (round < minRounds || (round < maxRounds && performance.now() - start < budgetMs)) {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[(i + round) % entries.length]!
      counters.owner = entry.contender.id
      await takeTurn(entry)
    }
    counters.owner = 'matmul'
    await oursOf(entries).activate()
    await ceiling.measure()
    round++
  }
  return round
}

function resultOf(entry: Entry, counters: GpuCounters, { perStep: read }: BenchModel): ContenderResult {
  const { contender, losses, totalMs, hostMs, firstStepMs, perStep } = entry
  const ms = median(totalMs)
  return {
    id: contender.id,
    title: contender.title,
    ms,
    cpuMsPerStep: median(hostMs),
    perSecond: (read.count * 1000) / ms,
    firstStepMs,
    perStep,
    ...counters.memoryOf(contender.id),
    losses,
  }
}

/** NaN where a loss is none, which is no agreement. */
function largestDifference(entries: readonly Entry[]): number {
  const [first, ...others] = entries
  return Math.max(
    ...others.flatMap(({ losses }) =>
      // Quick ones take more steps.
      losses.slice(0, first!.losses.length).map((loss, i) => Math.abs(loss - first!.losses[i]!)),
    ),
  )
}
