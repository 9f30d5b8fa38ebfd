import { l2Normalize } from '../../../src/engine/kernels/l2Normalize/l2Normalize.ts'
import { rowScores } from '../../../src/engine/kernels/linear/rowScores.ts'
import loss from '../../../src/engine/losses/multiSimilarity.ts'
import { informativePairs } from '../../../src/engine/losses/parts/informativePairs.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLoss } from '../lossCase.ts'
import { asPlaces, minedPlaces } from '../minedCase.ts'
import { labelledOf } from '../pairCase.ts'

export default defineKind({
  id: 'multi-similarity',
  isFor: (file) => isAbout(file, /^multi-similarity loss/i),
  async check(golden, context) {
    const epsilon = golden.param('epsilon')
    const params = {
      alpha: golden.param('alpha'),
      beta: golden.param('beta'),
      base: golden.param('base'),
      isMined: golden.choice('miner', ['none', 'multi_similarity']) === 'multi_similarity',
      epsilon,
    }
    await checkLoss(golden, context, (inputs) => loss.compute(params, labelledOf(inputs)))
    const { expected } = golden
    const names = { positive: 'mined_positive_pairs', negative: 'mined_negative_pairs' }
    if (!Object.values(names).some((name) => expected.has(name))) return
    const mined = await minedPlaces(golden, ({ embeddings, pairs }) => {
      const z = l2Normalize(embeddings)
      return { ...informativePairs(rowScores(z, z), pairs, epsilon) }
    })
    for (const side of ['positive', 'negative'] as const) {
      const wanted = expected.takeIfThere(names[side])
      if (wanted === undefined) continue
      golden.comparison.same(`${side} pairs`, mined[side], asPlaces(wanted, expected.where(names[side])))
    }
  },
})
