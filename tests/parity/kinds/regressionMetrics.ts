import { valuesReport } from '../../../src/core/valuesReport.ts'
import { metrics } from '../../../src/engine/evaluation/registry.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'

/** What is told of numbers that were said. */
export default defineKind({
  id: 'regression-metrics',
  isFor: (file) => isAbout(file, /^regression metrics/i),
  check(golden) {
    const target = Float32Array.from(golden.input('target').values)
    const prediction = Float32Array.from(golden.input('prediction').values)
    const metric = (id: string) => metrics.get(id).compute({ prediction, target })!
    const { medianAbsoluteError, pearson, spearman, kendall } = valuesReport(target, prediction)
    const found: Readonly<Record<string, number>> = {
      mse: metric('rootMeanSquaredError') ** 2,
      rmse: metric('rootMeanSquaredError'),
      mae: metric('meanAbsoluteError'),
      r2: metric('rSquared'),
      median_ae: medianAbsoluteError,
      pearson: pearson ?? NaN,
      spearman: spearman ?? NaN,
      kendall_tau_b: kendall ?? NaN,
    }
    for (const [name, actual] of Object.entries(found)) {
      const stated = golden.expected.takeIfThere(name)
      if (stated !== undefined)
        golden.comparison.number(name, actual, asNumber(stated, name), golden.closeness)
    }
    return Promise.resolve()
  },
})
