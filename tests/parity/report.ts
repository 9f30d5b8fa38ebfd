import type { Comparison } from './comparison.ts'

/** `worst relative error 2.3e-7 (gradient of x[3], 1 % of the tolerance)` */
export function describeWorst({ worst, count }: Comparison): string {
  if (worst === null || worst.relative === 0) return `worst relative error 0 (${count} values, exact)`
  return `worst relative error ${brief(worst.relative)} (${worst.where}, ${Math.ceil(worst.share * 100)} % of the tolerance)`
}

export function describeFailure(comparison: Comparison): string {
  const { failure } = comparison
  if (failure === null) return describeWorst(comparison)
  const { where, actual, expected, relative, share } = failure
  const over = Number.isFinite(share) ? `, ${brief(share)} times the tolerance` : ''
  return `worst relative error ${brief(relative)}: ${where} is ${actual}, expected ${expected}${over}`
}

function brief(value: number): string {
  return value.toExponential(1)
}
