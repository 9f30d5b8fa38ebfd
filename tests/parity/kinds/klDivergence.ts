import loss from '../../../src/engine/losses/klDivergence.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { matrix } from '../pairCase.ts'

export default defineKind({
  id: 'kl-divergence',
  isFor: (file) => isAbout(file, /^KL\(p\|\|q\)/i),
  check: (golden, context) =>
    checkLoss(golden, context, (inputs) => {
      const taught = {
        logits: matrix(inputs, 'q_logits'),
        teacher: matrix(inputs, 'p_logits'),
        targets: null,
      }
      const of = (direction: string) => loss.compute({ direction }, { taught }).loss
      return {
        loss: of('forward'),
        others: { reverse_kl: of('reverse'), jensen_shannon: of('jensen-shannon') },
      }
    }),
})
