import * as tf from '../../../src/engine/backend/tfjs.ts'
import { embedding } from '../../../src/engine/kernels/embedding/embedding.ts'
import { frozenRow } from '../../../src/engine/nn/frozenRow.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { asNumber } from '../json.ts'
import { checkLayer } from '../layerCase.ts'

export default defineKind({
  id: 'embedding',
  isFor: (file) => isAbout(file, /^embedding lookup/i),
  check(golden, context) {
    const stated = golden.params.takeIfThere('padding_idx') ?? null
    const padding = stated === null ? null : asNumber(stated, 'params.padding_idx')
    return checkLayer(golden, context, (inputs) => {
      const table = inputs.get('table') as tf.Tensor2D
      const row = padding !== null && padding < 0 ? table.shape[0] + padding : padding
      const ids: tf.Tensor1D = tf.reshape(inputs.get('ids'), [-1])
      return embedding(row === null ? table : frozenRow(table, row), ids)
    })
  },
})
