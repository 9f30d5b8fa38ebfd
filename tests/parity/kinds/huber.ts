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
    const delta = golden.params.has('delta_or_beta') ? golden.param('delta_or_beta') : 1
    return checkLoss(golden, context, (inputs) => {
      const values = { prediction: matrix(inputs, 'prediction'), target: matrix(inputs, 'target') }
      if (kind === 'mse') return meanSquaredError.compute({}, { values })
      // torch's smooth L1 without a smooth part is L1.
      if (kind === 'l1' || (kind === 'smooth_l1' && delta === 0))
        return meanAbsoluteError.compute({}, { values })
      return huber.compute({ delta, isScaled: kind === 'smooth_l1' }, { values })
    })
  },
})
