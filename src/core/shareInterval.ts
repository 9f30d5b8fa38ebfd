/** The normal distribution's 97.5 % quantile. */
const quantile = 1.959964

/**
 * 95 % interval of a share that was counted over `count` items, drawn independently: the score interval of Wilson (1927),
 * which stays within 0 and 1 also where nothing or all was counted.
 */
export function shareInterval(share: number, count: number): readonly [low: number, high: number] {
  const spread = quantile ** 2 / count
  const middle = share + spread / 2
  const halfWidth = quantile * Math.sqrt((share * (1 - share)) / count + spread / (4 * count))
  const at = (value: number) => Math.min(1, Math.max(0, value / (1 + spread)))
  return [at(middle - halfWidth), at(middle + halfWidth)]
}
