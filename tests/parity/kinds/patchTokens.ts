import * as tf from '../../../src/engine/backend/tfjs.ts'
import { patchTokens } from '../../../src/engine/nn/patchTokens.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { checkLayer, type LayerInputs } from '../layerCase.ts'

export default defineKind({
  id: 'vit_patch_embedding',
  isFor: (file) => isAbout(file, /^ViT patch embedding/i),
  check(golden, context) {
    const patchSize = golden.param('patch')
    const hasClassToken = golden.choice('class_token', [true, false])
    return checkLayer(golden, context, (inputs) => {
      const images = tf.transpose(inputs.get('image_nchw') as tf.Tensor4D, [0, 2, 3, 1])
      const positions = inputs.get('position') as tf.Tensor2D
      const options = { name: '', patchSize, hasClassToken, hasRegisters: false, positions }
      return patchTokens(images, { get: (name) => weightOf(inputs, name) }, options)
    })
  },
})

/** Theirs is [out, channels, height, width], ours [height * width * channels, out]. */
function weightOf(inputs: LayerInputs, name: string): tf.Tensor | undefined {
  if (name === 'projection.bias') return inputs.has('conv_bias') ? inputs.get('conv_bias') : undefined
  if (name === 'cls_token') return tf.reshape(inputs.get('class_token'), [1, -1])
  const weight = inputs.get('conv_weight')
  return tf.reshape(tf.transpose(weight, [2, 3, 1, 0]), [-1, weight.shape[0]!])
}
