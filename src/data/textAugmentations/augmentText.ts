import { Generator } from '../../core/rng.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import type { TextSetting } from './defineTextAugmentation.ts'
import { textAugmentations } from './registry.ts'

/** Numbers that one text may draw for one augmentation: two for each of its tokens, of which there are at most 512. */
const numbersEach = 2048

/** What a configuration does to the text of row `row`, counted over all batches of step `step`. */
export function augmentText(
  tokens: Int32Array,
  steps: DataConfig['textAugmentations'],
  { seed, step, row, ...setting }: { seed: number; step: number; row: number } & TextSetting,
): Int32Array {
  return steps.reduce((current, { kind, ...params }, place) => {
    const generator = new Generator(seed, `augment text/${place}`)
    const draw = (index: number) => generator.uniform(step, row * numbersEach + index)
    return textAugmentations.get(kind).apply(current, params, draw, setting)
  }, tokens)
}
