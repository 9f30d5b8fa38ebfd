import { LabBackend } from '../backend/labBackend.ts'
import type { BufferRange } from '../backend/plannedBuffer.ts'
import { backend as currentBackend, slice, type Tensor, type Tensor1D } from '../backend/tfjs.ts'
import { clipByGlobalNorm } from '../kernels/globalNorm/globalNorm.ts'
import type { Updater } from '../optim/updater.ts'
import { blockSize } from '../parameters/layout.ts'

/** Towers, by number, that have a weight that learns. */
export function learningTowers({ learners }: Pick<Updater, 'learners'>): number[] {
  const found = new Set(learners.flatMap(({ tower }) => tower ?? []))
  return [...found].sort((a, b) => a - b)
}

/**
 * Length of the gradients of each tower that learns: float32 [1] each, before clipping by the norm.
 * @param gradients one for each learner; null where they lie in the updater's flat buffers
 */
export function towerNorms(updater: Updater, gradients: readonly Tensor[] | null): Tensor1D[] {
  return learningTowers(updater).map((tower) => {
    const own = gradients
      ? gradients.filter((_, i) => updater.learners[i]!.tower === tower)
      : rangesOf(updater, tower)
    return slice(clipByGlobalNorm(own, 0), 1, 1)
  })
}

/** Where a tower's gradients lie: weights that stand side by side are one range, since what fills up a block is zero. */
function rangesOf({ learners, gradients }: Updater, tower: number): BufferRange[] {
  if (!(currentBackend() instanceof LabBackend)) return []
  const { pages, layout } = gradients!
  const places = learners
    .filter((learner) => learner.tower === tower)
    .map(({ spec }) => layout.places.get(spec.name)!)
    .sort((a, b) => a.page - b.page || a.offset - b.offset)
  const ranges: BufferRange[] = []
  let end = -1
  for (const { page, offset, length } of places) {
    const { buffer } = pages[page]!
    const last = ranges.at(-1)
    const size = 4 * Math.ceil(length / blockSize) * blockSize
    if (last?.buffer === buffer && end === offset)
      ranges[ranges.length - 1] = { ...last, size: last.size + size }
    else ranges.push({ buffer, offset: 4 * offset, size })
    end = offset + size / 4
  }
  return ranges
}
