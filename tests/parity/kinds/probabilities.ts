import { pairwiseAuroc, probabilityReport } from '../../../src/core/probabilityReport.ts'
import { rocCurve } from '../../../src/core/scoreRanking.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber, asNumbers } from '../json.ts'

/** How well classes are told apart by their probabilities, of two classes by that of the second. */
export default defineKind({
  id: 'probabilities',
  isFor: (file) => isAbout(file, /AUROC.*Brier/i),
  check(golden) {
    const { comparison, expected, closeness } = golden
    const isBinary = golden.inputs.has('scores')
    const targets = Int32Array.from(golden.input('labels').values)
    const given = golden.input(isBinary ? 'scores' : 'probabilities').values
    const numClasses = isBinary ? 2 : golden.param('classes')
    const positive = isBinary ? golden.param('positive') : null
    const labels = positive === null ? targets : targets.map((label) => Number(label === positive))
    const probabilities = isBinary
      ? Float64Array.from([...given].flatMap((score) => [1 - score, score]))
      : Float64Array.from(given)
    // What such files call clipped is clipped there.
    const options = expected.has('log_loss_clipped') ? { leastProbability: 1e-7 } : {}
    const measured = { probabilities, targets: labels, numClasses }
    const report = probabilityReport(measured, options)
    const areas = report.classes.map((each) => each.auroc)
    const count = (own: number) => labels.filter((label) => label === own).length
    const mean = (weight: (own: number) => number) => {
      const there = areas.flatMap((area, own) => (area === null ? [] : [{ area, weight: weight(own) }]))
      const whole = there.reduce((sum, each) => sum + each.weight, 0)
      return there.reduce((sum, each) => sum + each.area * each.weight, 0) / whole
    }
    const found: Readonly<Record<string, number | null | undefined>> = isBinary
      ? {
          auroc: areas[1],
          auroc_by_mann_whitney: areas[1],
          average_precision: report.classes[1]!.averagePrecision,
          // Both classes are as wrong.
          brier: report.brier / 2,
          log_loss_clipped: report.logLoss,
        }
      : {
          auroc_ovr_macro: mean(() => 1),
          auroc_ovr_weighted: mean(count),
          auroc_ovo_macro: pairwiseAuroc(measured),
          log_loss: report.logLoss,
          brier_multiclass_sum: report.brier,
          top1_accuracy: report.amongFirst[0],
          top2_accuracy: report.amongFirst[1],
        }
    for (const [name, actual] of Object.entries(found)) {
      const stated = expected.takeIfThere(name)
      if (stated !== undefined) comparison.number(name, actual ?? NaN, asNumber(stated, name), closeness)
    }
    if (isBinary) {
      const curve = rocCurve(
        given,
        Array.from(labels, (label) => label === 1),
      )
      for (const [name, values] of [
        ['fpr', curve?.falsePositives ?? []],
        ['tpr', curve?.truePositives ?? []],
      ] as const) {
        const stated = expected.takeIfThere(name)
        if (stated !== undefined) comparison.close(name, values, asNumbers(stated, name), closeness)
      }
    }
    return Promise.resolve()
  },
})
