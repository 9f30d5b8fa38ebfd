import * as tf from '../../../src/engine/backend/tfjs.ts'
import { metrics } from '../../../src/engine/evaluation/registry.ts'
import { crossEntropy } from '../../../src/engine/kernels/crossEntropy/crossEntropy.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber, asNumbers } from '../json.ts'

/** The mean loss of tokens that count, and what is told of it. */
export default defineKind({
  id: 'token-perplexity',
  isFor: (file) => isAbout(file, /^token perplexity/i),
  async check(golden, context) {
    const ignoreIndex = golden.param('ignore_index')
    const [logits, targets] = [golden.input('logits'), golden.input('targets')]
    const [sequences = 0, seqLen = 0, vocabSize = 0] = logits.shape
    await context.device()
    /** Mean over the tokens of some sequences that count, in nats. */
    const meanLoss = async (first: number, count: number): Promise<number> => {
      const rows = tf.tensor2d(
        Float32Array.from(
          logits.values.slice(first * seqLen * vocabSize, (first + count) * seqLen * vocabSize),
        ),
        [count * seqLen, vocabSize],
      )
      const right = tf.tensor1d(
        Int32Array.from(targets.values.slice(first * seqLen, (first + count) * seqLen)),
        'int32',
      )
      const loss = crossEntropy(rows, right, { labelSmoothing: 0, ignoreIndex })
      const [value] = await loss.data()
      tf.dispose([rows, right, loss])
      return value!
    }
    const whole = { meanLoss: await meanLoss(0, sequences) }
    const perSequence: number[] = []
    for (let i = 0; i < sequences; i++)
      perSequence.push(metrics.get('perplexity').compute({ meanLoss: await meanLoss(i, 1) })!)
    const { comparison, expected } = golden
    // The files state it as a share of the value.
    const tolerance = { abs: 0, rel: golden.tolerance('abs') }
    const found = {
      mean_nll: whole.meanLoss,
      perplexity: metrics.get('perplexity').compute(whole)!,
      bits_per_token: metrics.get('bitsPerToken').compute(whole)!,
    }
    for (const [name, actual] of Object.entries(found)) {
      const stated = expected.takeIfThere(name)
      if (stated !== undefined) comparison.number(name, actual, asNumber(stated, name), tolerance)
    }
    const each = expected.takeIfThere('perplexity_per_sequence')
    if (each !== undefined)
      comparison.close(
        'perplexity_per_sequence',
        perSequence,
        asNumbers(each, 'perplexity_per_sequence'),
        tolerance,
      )
    const tokens = expected.takeIfThere('tokens')
    if (tokens !== undefined)
      comparison.same(
        'tokens',
        [targets.values.filter((target) => target !== ignoreIndex).length],
        [asNumber(tokens, 'tokens')],
      )
  },
})
