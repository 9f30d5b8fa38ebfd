import type { DataFacts } from '../../src/core/dataFacts.ts'
import { Generator } from '../../src/core/rng.ts'
import type { RunConfig } from '../../src/core/runConfig.ts'
import { tasks } from '../../src/engine/tasks/registry.ts'
import type { Batch } from '../../src/engine/training/trainSession.ts'

/** Data of every kind at once, small. */
export const smallFacts: DataFacts = {
  vocabSize: 11,
  textTokens: 6,
  targetTokens: 4,
  image: { height: 16, width: 16, channels: 1 },
  classes: ['ant', 'bee', 'cat'],
  classCounts: [6, 1, 3],
  labels: ['red', 'round', 'small', 'sweet'],
  labelShares: [0.5, 0.25, 0.5, 0],
  numFeatures: 5,
  target: { mean: 3, deviation: 2 },
}

/** Arrays as a task names them, of numbers that depend on nothing but the arguments. */
export function randomTaskBatch(
  config: RunConfig,
  { batchSize, seed }: { batchSize: number; seed: number },
  facts: DataFacts = smallFacts,
): Batch {
  const specs = tasks.get(config.task).arrays(facts, config)
  const generator = new Generator(seed, 'tests/task')
  const arrays = Object.entries(specs).map(([name, { dtype, perItem, range }], step) => {
    const length = batchSize * perItem
    if (dtype === 'float32' && range === null)
      return [name, Float32Array.from({ length }, (_, i) => 4 * generator.uniform(step, i) - 2)]
    const [lowest, highest] = range ?? [0, 2 ** 20]
    const from = Math.max(0, lowest)
    const whole = Int32Array.from({ length }, (_, i) => from + generator.below(highest - from + 1, step, i))
    return [name, dtype === 'float32' ? Float32Array.from(whole) : whole]
  })
  return { arrays: Object.fromEntries(arrays) as Batch['arrays'], batchSize }
}
