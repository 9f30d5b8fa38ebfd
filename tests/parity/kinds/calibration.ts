import { probabilityReport } from '../../../src/core/probabilityReport.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asList, asNumber, asNumbers } from '../json.ts'

/** How far confidence lies from accuracy, in bins that are open below. */
export default defineKind({
  id: 'calibration',
  isFor: (file) => isAbout(file, /calibration error/i),
  check(golden) {
    const { comparison, expected, closeness } = golden
    const probabilities = Float64Array.from(golden.input('probabilities').values)
    const targets = Int32Array.from(golden.input('labels').values)
    const numClasses = golden.param('classes')
    // The name says below what a probability is taken for it.
    const clipped = /^nll_clipped_(.+)$/
    const likelihood = expected.names.find((name) => clipped.test(name))
    const leastProbability = Number(clipped.exec(likelihood ?? '')?.[1] ?? 0)
    const report = probabilityReport(
      { probabilities, targets, numClasses },
      { numBins: golden.param('bins'), leastProbability },
    )
    const { expectedError, largestError, bins } = report.calibration
    const found = {
      ece_left_open_bins: expectedError,
      mce_left_open_bins: largestError,
      ...(likelihood !== undefined && { [likelihood]: report.logLoss }),
    }
    for (const [name, actual] of Object.entries(found)) {
      const stated = expected.takeIfThere(name)
      if (stated !== undefined) comparison.number(name, actual, asNumber(stated, name), closeness)
    }
    const stated = expected.takeIfThere('bins_nonempty')
    if (stated !== undefined)
      comparison.close(
        'bins_nonempty',
        bins.flatMap(({ from, to, items, accuracy, confidence }) => [from, to, items, accuracy, confidence]),
        asList(stated, 'bins_nonempty').flatMap((row, i) => asNumbers(row, `bins_nonempty[${i}]`)),
        closeness,
      )
    // Where confidences lie on edges, and where they are equal, these are other conventions.
    expected.takeIfThere('ece_right_open_bins')
    expected.takeIfThere('ece_equal_mass')
    return Promise.resolve()
  },
})
