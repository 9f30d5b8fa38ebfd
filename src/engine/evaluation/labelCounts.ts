import type { Measured } from './defineMetric.ts'

/** A label is said where its probability, the sigmoid of its score, is above one half. */
export const isSaid = (logit: number) => logit > 0

/** Of one label: items that have it, that it was said of, and both. */
export interface LabelCounts {
  right: number
  said: number
  both: number
}

/** Of each label, in order. */
export function countsOfLabels({ logits, targets, numLabels }: Measured['labelSets']): LabelCounts[] {
  const counts = Array.from({ length: numLabels }, () => ({ right: 0, said: 0, both: 0 }))
  logits.forEach((logit, i) => {
    const own = counts[i % numLabels]!
    const isRight = targets[i] === 1
    own.right += Number(isRight)
    own.said += Number(isSaid(logit))
    own.both += Number(isRight && isSaid(logit))
  })
  return counts
}

/** Harmonic mean of precision and recall; null where the label is neither there nor said. */
export function f1Of({ right, said, both }: LabelCounts): number | null {
  return right + said === 0 ? null : (2 * both) / (right + said)
}
