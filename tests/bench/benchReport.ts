import type { BenchRun } from './runBench.ts'
import type { ContenderResult, ModelResult } from './measure.ts'

/** Losses that differ by more than this are not of the same computation: f16 rounds to 11 bits. */
const mostLossDifference = { float32: 1e-4, mixed: 2e-3 }

export function isVoid({ maxLossDifference, precision }: ModelResult): boolean {
  return !(maxLossDifference <= mostLossDifference[precision])
}

/** Peer's median time over ours: over 1, ours is faster. */
function ratioTo({ contenders }: ModelResult, id: ContenderResult['id']): number {
  const of = (wanted: ContenderResult['id']) => contenders.find((contender) => contender.id === wanted)!.ms
  return of(id) / of('bunsen')
}

/** The file that `--json` writes. */
export function benchRecord({ adapter, userAgent, results }: BenchRun, versions: Record<string, string>) {
  return {
    adapter,
    versions: { ...versions, userAgent },
    models: results.map((result) => {
      const ours = result.contenders.find(({ id }) => id === 'bunsen')!
      const share = (ms: number) => (result.model.flopsPerStep * 1000) / ms / result.bestMatmul.flopsPerSecond
      const details = (contender: ContenderResult) => ({
        ms: contender.ms,
        perSecond: contender.perSecond,
        dispatchesPerStep: contender.perStep.dispatches,
        calls: contender.perStep,
        cpuMsPerStep: contender.cpuMsPerStep,
        liveBytes: contender.liveBytes,
        peakBytes: contender.peakBytes,
        firstStepMs: contender.firstStepMs,
        shareOfBestMatmul: share(contender.ms),
        losses: contender.losses,
      })
      return {
        name: result.model.name,
        shape: result.model.shape,
        precision: result.precision,
        flopsPerStep: result.model.flopsPerStep,
        perStep: result.model.perStep,
        ratioToTfjs: ratioTo(result, 'tfjs'),
        ratioToJaxJs: ratioTo(result, 'jax-js'),
        ...details(ours),
        bestMatmul: result.bestMatmul,
        maxLossDifference: result.maxLossDifference,
        isVoid: isVoid(result),
        rounds: result.rounds,
        peers: Object.fromEntries(
          result.contenders.filter(({ id }) => id !== 'bunsen').map((peer) => [peer.id, details(peer)]),
        ),
      }
    }),
  }
}

const columnsOf = (unit: string): string[] => [
  '',
  'ms/step',
  `${unit}/s`,
  'ratio',
  'CPU ms',
  'dispatches',
  'passes',
  'submits',
  'buffers',
  'writes',
  'MB',
  'peak MB',
  '% matmul',
  'first ms',
]

/** For people: a table for each model. `ratio` is each one's time over Bunsen's. */
export function benchLines({ adapter, results }: BenchRun): string[] {
  const lines = [`adapter: ${adapter.name}`]
  for (const result of results) {
    const { model, precision, bestMatmul, rounds } = result
    lines.push(
      '',
      `${model.name}: ${model.shape}; ${(model.flopsPerStep / 1e9).toFixed(3)} GFLOP a step, medians of ${rounds} rounds${precision === 'mixed' ? '; Bunsen in mixed precision' : ''}`,
    )
    const rows = result.contenders.map((contender) => rowOf(result, contender))
    const columns = columnsOf(model.perStep.unit)
    const widths = columns.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
    for (const row of [columns, ...rows]) {
      lines.push(
        row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
      )
    }
    lines.push(
      `best matrix product: ${(bestMatmul.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s (${bestMatmul.name})`,
    )
    lines.push(
      `largest difference of a loss: ${result.maxLossDifference.toExponential(1)}` +
        (isVoid(result) ? `, over ${mostLossDifference[precision]}: the timing is VOID` : ''),
    )
  }
  return lines
}

function rowOf(result: ModelResult, contender: ContenderResult): string[] {
  const { perStep, ms } = contender
  const share = (result.model.flopsPerStep * 1000) / ms / result.bestMatmul.flopsPerSecond
  return [
    contender.title,
    ms.toFixed(ms < 10 ? 2 : 1),
    contender.perSecond.toFixed(0),
    ratioTo(result, contender.id).toFixed(2),
    contender.cpuMsPerStep.toFixed(1),
    ...[perStep.dispatches, perStep.passes, perStep.submits, perStep.newBuffers, perStep.writeBuffers].map(
      String,
    ),
    (contender.liveBytes / 1e6).toFixed(1),
    (contender.peakBytes / 1e6).toFixed(1),
    (share * 100).toFixed(1),
    contender.firstStepMs.toFixed(0),
  ]
}
