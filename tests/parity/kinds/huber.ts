import huber from '../../../src/engine/losses/huber.ts'
import meanAbsoluteError from '../../../src/engine/losses/meanAbsoluteError.ts'
import meanSquaredError from '../../../src/engine/losses/meanSquaredError.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

/** The losses of predicted values. */
export default defineKind({
  id: 'values',
  isFor: (file) => isAbout(file, /^huber, smooth l1, mse, l1/i),
  check(golden, context) {
    const kind = golden.choice('kind', ['huber', 'smooth_l1', 'mse', 'l1'])
    const delta = golden.param('delta_or_beta')
    return checkLoss(golden, context, (inputs) => {
      const values = { prediction: matrix(inputs, 'prediction'), target: matrix(inputs, 'target') }
      if (kind === 'mse') return meanSquaredError.compute({}, { values })
      if (kind === 'l1') return meanAbsoluteError.compute({}, { values })
      return huber.compute({ delta, isScaled: kind === 'smooth_l1' }, { values })
    })
  },
})
