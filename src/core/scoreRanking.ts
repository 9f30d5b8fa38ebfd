/** A threshold moved from above all scores to below them, past equal scores at once: shares of each side that lie above it. */
export interface RocCurve {
  /** Of the items that are wrong, and of those that are right, from 0 to 1. */
  readonly falsePositives: readonly number[]
  readonly truePositives: readonly number[]
}

/** The items of equal scores, the highest first: how many there are, and how many of them are right. */
function* ranked(
  scores: ArrayLike<number>,
  isRight: ArrayLike<boolean | number>,
): Generator<{ items: number; right: number }, void, void> {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
  for (let first = 0, end = 0; first < order.length; first = end) {
    let right = 0
    // What is not a number equals not even itself.
    do right += Number(isRight[order[end++]!])
    while (end < order.length && scores[order[end]!] === scores[order[first]!])
    yield { items: end - first, right }
  }
}

/** null where one side is empty. */
export function rocCurve(scores: ArrayLike<number>, isRight: ArrayLike<boolean | number>): RocCurve | null {
  const steps = [...ranked(scores, isRight)]
  const right = steps.reduce((sum, step) => sum + step.right, 0)
  const wrong = scores.length - right
  if (right === 0 || wrong === 0) return null
  const [falsePositives, truePositives] = [[0], [0]]
  let [above, rightAbove] = [0, 0]
  for (const step of steps) {
    above += step.items
    rightAbove += step.right
    falsePositives.push((above - rightAbove) / wrong)
    truePositives.push(rightAbove / right)
  }
  return { falsePositives, truePositives }
}

/**
 * Area under it: how likely one that is right scores higher than one that is not, equal scores counting half (Mann and Whitney
 * 1947). null where one side is empty.
 */
export function auroc(scores: ArrayLike<number>, isRight: ArrayLike<boolean | number>): number | null {
  const curve = rocCurve(scores, isRight)
  if (curve === null) return null
  const { falsePositives: x, truePositives: y } = curve
  return x.reduce((sum, at, i) => (i === 0 ? 0 : sum + ((at - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2), 0)
}

/**
 * The precision at each item that is right, in order of scores, equal ones being one rank (Everingham et al. 2010, not
 * interpolated; `average_precision_score` of scikit-learn). null where none is right.
 */
export function averagePrecision(
  scores: ArrayLike<number>,
  isRight: ArrayLike<boolean | number>,
): number | null {
  let [seen, right, sum] = [0, 0, 0]
  for (const step of ranked(scores, isRight)) {
    seen += step.items
    right += step.right
    sum += (step.right * right) / seen
  }
  return right === 0 ? null : sum / right
}
