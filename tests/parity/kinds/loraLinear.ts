import * as tf from '../../../src/engine/backend/tfjs.ts'
import { loraDense, mergedLora, type LoraOptions } from '../../../src/engine/nn/loraDense.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { toDevice } from '../goldenTensor.ts'
import { checkLayer } from '../layerCase.ts'
import { rowsOf, weightsFrom } from '../layerWeights.ts'

/** `layer.lora_A.weight` is their `lora_A`. */
const theirs = (name: string): string => name.replace('layer.', '').replace(/(lora_.)\.weight/, '$1')

export default defineKind({
  id: 'lora_linear',
  isFor: (file) => isAbout(file, /^LoRA adapter/i),
  async check(golden, context) {
    const options: LoraOptions = {
      alpha: golden.param('alpha'),
      isRankStabilised: golden.choice('rank_stabilised', [true, false]),
    }
    golden.params.takeIfThere('r') // as the inputs say
    await context.device()
    await compareMerged(golden, options)
    await checkLayer(golden, context, (inputs) =>
      loraDense(rowsOf(inputs.get('x')), weightsFrom(inputs, theirs), 'layer', options),
    )
  },
})

/** `merged_weight` [out, in]. */
async function compareMerged(golden: GoldenCase, options: LoraOptions): Promise<void> {
  const merged = tf.tidy(() => {
    const weights = {
      get: (name: string) => tf.transpose(toDevice(golden.input(theirs(name)))),
    }
    return tf.transpose(mergedLora(weights, 'layer', options))
  })
  golden.compare('merged_weight', await merged.data(), { abs: golden.tolerance('output_abs'), rel: 0 })
  merged.dispose()
}
