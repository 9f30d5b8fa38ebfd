import { Generator } from '../../core/rng.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import type { Picture } from './defineAugmentation.ts'
import { augmentations } from './registry.ts'

/** Numbers that one picture may draw for one augmentation. */
const numbersEach = 64

/**
 * What a configuration does to picture `row` of the batch that begins at picture `first` of step `step`.
 * @param view tells two views of one picture apart: each has numbers of its own
 */
export function augment(
  picture: Picture,
  steps: DataConfig['augmentations'],
  at: { seed: number; step: number; row: number; view: string },
): Picture {
  return steps.reduce((current, { kind, ...params }, place) => {
    const generator = new Generator(at.seed, `augment/${at.view}/${place}`)
    return augmentations
      .get(kind)
      .apply(current, params, (index) => generator.uniform(at.step, at.row * numbersEach + index))
  }, picture)
}
