import * as tf from '../../../src/engine/backend/tfjs.ts'
import { rotaryTable } from '../../../src/engine/kernels/attention/rotaryTable.ts'
import { rotary, type RotaryOptions } from '../../../src/engine/kernels/attention/rotary.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import { asTensor } from '../goldenTensor.ts'
import { checkLayer } from '../layerCase.ts'

const styles = { half_split: 'half-split', interleaved: 'interleaved' } as const

export default defineKind({
  id: 'rotary',
  isFor: (file) => isAbout(file, /^rotary position/i),
  async check(golden, context) {
    const options: RotaryOptions = {
      style: styles[golden.choice('style', ['half_split', 'interleaved'])],
      rotaryDim: golden.param('rotary_dim'),
      base: golden.param('base'),
      firstPosition: golden.param('first_position'),
    }
    compareAngles(golden, options)
    await checkLayer(golden, context, (inputs) => {
      const turned = [inputs.get('q'), inputs.get('k')].map((x) => {
        const [, , seqLen, headDim] = x.shape as [number, number, number, number]
        return tf.reshape(rotary(tf.reshape(x, [-1, seqLen, headDim]), options), x.shape)
      })
      return tf.concat(turned, 0)
    })
  },
})

/** `cos_first_positions` and `sin_first_positions`: [positions, pairs], from the first position on. */
function compareAngles(golden: GoldenCase, { base, rotaryDim, firstPosition }: RotaryOptions): void {
  for (const [which, name] of ['cos_first_positions', 'sin_first_positions'].entries()) {
    if (!golden.expected.has(name)) continue
    const { shape, values } = asTensor(golden.expected.take(name), golden.expected.where(name))
    const table = rotaryTable(firstPosition + shape[0]!, rotaryDim, base)
    const start = firstPosition * rotaryDim + which
    const ours = values.map((_, i) => table[start + 2 * i]!)
    golden.comparison.close(name, ours, values, { abs: golden.tolerance('output_abs'), rel: 0 })
  }
}
