import byol from '../../../src/engine/losses/byol.ts'
import simSiam from '../../../src/engine/losses/simSiam.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'byol',
  isFor: (file) => isAbout(file, /^BYOL regression loss/i),
  check: (golden, context) =>
    checkLoss(golden, context, (inputs) => {
      const views = {
        student: [matrix(inputs, 'p0'), matrix(inputs, 'p1')],
        teacher: [matrix(inputs, 'z0'), matrix(inputs, 'z1')],
      }
      const { loss } = simSiam.compute({}, { views })
      return { loss: byol.compute({}, { views }).loss, others: { simsiam_symmetric_loss: loss } }
    }),
})
