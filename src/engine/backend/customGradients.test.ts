import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { customGradients } from './customGradients.ts'
import * as tf from './tfjs.ts'

/** [x + y, x · y] with its gradient by hand. */
function sumAndProduct(x: tf.Tensor, y: tf.Tensor): [tf.Tensor, tf.Tensor] {
  return customGradients([x, y], (save) => {
    save([x, y])
    return {
      values: [tf.add(x, y), tf.mul(x, y)],
      gradFunc: ([dSum, dProduct], [savedX, savedY]) => [
        tf.add(dSum!, tf.mul(dProduct!, savedY!)),
        tf.add(dSum!, tf.mul(dProduct!, savedX!)),
      ],
    }
  }) as [tf.Tensor, tf.Tensor]
}

await describeOnDevices('customGradients', () => {
  it('gives all values, and gradients through all or one of them, without a leak', async () => {
    const [x, y] = [tf.tensor1d([2, 3]), tf.tensor1d([5, 7])]
    const before = tf.memory().numTensors
    const both = tf.grads((a: tf.Tensor, b: tf.Tensor) => {
      const [sum, product] = sumAndProduct(a, b)
      return tf.add(sum, tf.mul(product, 10))
    })([x, y])
    expect([...(await both[0]!.data())]).toEqual([51, 71])
    expect([...(await both[1]!.data())]).toEqual([21, 31])
    const one = tf.grads((a: tf.Tensor, b: tf.Tensor) => sumAndProduct(a, b)[1])([x, y])
    expect([...(await one[0]!.data())]).toEqual([5, 7])
    const values = sumAndProduct(x, y)
    expect([...(await values[0].data())]).toEqual([7, 10])
    tf.dispose([both, one, values])
    expect(tf.memory().numTensors).toBe(before)
    tf.dispose([x, y])
  })
})
