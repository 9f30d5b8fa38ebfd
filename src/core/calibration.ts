/** The items of a bin of confidences: how many, how sure on average, and which share was right. */
export interface CalibrationBin {
  /** Open below and closed above. */
  readonly from: number
  readonly to: number
  readonly items: number
  readonly confidence: number
  readonly accuracy: number
}

export interface Calibration {
  /** Mean distance of confidence and accuracy over items, and the largest of a bin (Guo et al. 2017: ECE and MCE). */
  readonly expectedError: number
  readonly largestError: number
  /** Means over all items. */
  readonly confidence: number
  readonly accuracy: number
  /** Those that have items. */
  readonly bins: readonly CalibrationBin[]
}

/** @param confidences 0 to 1, of what was said of each item; at least one */
export function calibration(
  confidences: ArrayLike<number>,
  isRight: ArrayLike<boolean>,
  numBins: number,
): Calibration {
  const [items, sure, right] = [0, 1, 2].map(() => new Float64Array(numBins)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < confidences.length; i++) {
    const confidence = confidences[i]!
    const bin = Math.min(numBins - 1, Math.max(0, Math.ceil(confidence * numBins) - 1))
    items[bin]!++
    sure[bin]! += confidence
    right[bin]! += Number(isRight[i]!)
  }
  const bins = Array.from(items.keys()).flatMap((bin): CalibrationBin[] => {
    const count = items[bin]!
    if (count === 0) return []
    const [from, to] = [bin / numBins, (bin + 1) / numBins]
    return [{ from, to, items: count, confidence: sure[bin]! / count, accuracy: right[bin]! / count }]
  })
  const gaps = bins.map(({ confidence, accuracy }) => Math.abs(confidence - accuracy))
  const total = (sums: Float64Array) => sums.reduce((sum, value) => sum + value, 0)
  return {
    expectedError: bins.reduce((sum, bin, i) => sum + bin.items * gaps[i]!, 0) / confidences.length,
    largestError: Math.max(...gaps),
    confidence: total(sure) / confidences.length,
    accuracy: total(right) / confidences.length,
    bins,
  }
}
