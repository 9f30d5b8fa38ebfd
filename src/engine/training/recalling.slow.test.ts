import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { models } from '../models/registry.ts'
import { recalledTexts } from './recalling.ts'
import { createTrainSession } from './trainSession.ts'

const config = engineConfig({
  task: 'masked-language-model',
  model: { kind: 'encoder', ...models.get('encoder').tiny, seqLen: 8 },
  stage: { batchSize: 2, losses: [{ name: 'cross-entropy' }], optimizer: { kind: 'adamw', weightDecay: 0 } },
})
const letters = 'abcdefghij'
const facts = { vocabSize: letters.length }
const decode = (tokens: readonly number[]) => tokens.map((token) => letters[token]!).join('')
/** One hidden, one changed, one as it is; and two next to each other, at the end. */
const batch = {
  batchSize: 2,
  arrays: {
    hiddenIds: Int32Array.of(0, 10, 2, 3, 7, 5, 6, 7, 9, 8, 7, 6, 5, 4, 10, 10),
    hiddenTargets: Int32Array.of(-1, 1, -1, -1, 4, -1, 6, -1, -1, -1, -1, -1, -1, -1, 3, 2),
  },
}

await describeOnDevices('hidden tokens that are found again', (device) => {
  it('have the probabilities that the loss has, at their places in the text', async () => {
    const session = createTrainSession({ device: device(), config, facts })
    for (let step = 0; step < 20; step++)
      await session.step({ step, stageStep: step, batches: [batch], learningRate: 0.02 }).read()
    const texts = await recalledTexts(session, batch, decode)
    const { loss } = await session.evaluate(batch)
    session.dispose()
    const places = texts.flat().filter((piece) => typeof piece !== 'string')
    const terms = places.map(({ rightProbability }) => -Math.log(rightProbability))
    expect(terms.reduce((sum, term) => sum + term, 0) / terms.length).toBeCloseTo(loss, 4)
    const whole = texts.map((pieces) =>
      pieces.map((piece) => (typeof piece === 'string' ? piece : `(${piece.read ?? '?'}>${piece.right})`)),
    )
    expect(whole.map((pieces) => pieces.join(''))).toEqual(['a(?>b)cd(h>e)f(g>g)h', 'jihgfe(?>d)(?>c)'])
    for (const { guesses, right, rightProbability } of places) {
      expect(guesses).toHaveLength(5)
      expect(guesses.map(({ probability }) => probability)).toEqual(
        guesses.map(({ probability }) => probability).sort((a, b) => b - a),
      )
      for (const guess of guesses) {
        expect(guess.isRight).toBe(guess.token === right)
        if (guess.isRight) expect(guess.probability).toBe(rightProbability)
        else expect(guess.probability > rightProbability).toBe(guesses.indexOf(guess) < rankOf(guesses))
      }
    }
  })
})

/** How many guesses stand before the right one; all where it is not among them. */
function rankOf(guesses: readonly { isRight: boolean }[]): number {
  const rank = guesses.findIndex(({ isRight }) => isRight)
  return rank < 0 ? guesses.length : rank
}
