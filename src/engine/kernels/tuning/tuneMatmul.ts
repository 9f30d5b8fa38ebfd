import type { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { matmulKey } from '../matmul/chooseMatmul.ts'
import { matmul } from '../matmul/matmul.ts'
import { type MatmulKernelName, possibleKernels } from '../matmul/matmulKernels.ts'
import type { MatmulShape } from '../matmul/matmulShape.ts'

/** A product of a model, and whether it stands alone, so that its sums may be made in parts. */
export interface TunedShape extends MatmulShape {
  readonly canBeParts: boolean
}

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
}

/**
 * The fastest kernel for each shape on this adapter, as plain data for `setMatmulChoices`: it decides the bits of a
 * run, so that it belongs into the run's record. All candidates take turns within a round, since times drift.
 */
export async function tuneMatmul(
  backend: LabBackend,
  shapes: readonly TunedShape[],
  options: TuningOptions = {},
): Promise<Record<string, MatmulKernelName>> {
  const choices: Record<string, MatmulKernelName> = {}
  for (const shape of shapes) {
    const timings = await timeMatmul(backend, shape, options)
    const best = timings.reduce((a, b) => (b.timeMs < a.timeMs ? b : a))
    choices[best.key] = best.name
  }
  return choices
}

/** What each candidate takes for one shape. Compiles those that no product has used yet. */
export async function timeMatmul(
  backend: LabBackend,
  shape: TunedShape,
  { rounds = 5, productsInARow = 4, candidates }: TuningOptions = {},
): Promise<MatmulTiming[]> {
  const { rows, columns, inner, isATransposed, isBTransposed, canBeParts } = shape
  const a = tf.fill(isATransposed ? [inner, rows] : [rows, inner], 0.5) as tf.Tensor2D
  const b = tf.fill(isBTransposed ? [columns, inner] : [inner, columns], 0.5) as tf.Tensor2D
  const run = async (kernel: MatmulKernelName, count: number): Promise<number> => {
    const start = performance.now()
    for (let i = 0; i < count; i++) matmul(backend, { a, b, isATransposed, isBTransposed, kernel }).dispose()
    backend.flush()
    await backend.queue.onSubmittedWorkDone()
    return (performance.now() - start) / count
  }
  const names = possibleKernels(backend, canBeParts).filter((name) => candidates?.includes(name) ?? true)
  const times = new Map<MatmulKernelName, number[]>(names.map((name) => [name, []]))
  for (const name of names) await run(name, 1)
  for (let round = 0; round < rounds; round++) {
    for (const [name, list] of times) list.push(await run(name, productsInARow))
  }
  tf.dispose([a, b])
  return names.map((name) => ({ key: matmulKey(shape), name, timeMs: median(times.get(name)!) }))
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}
