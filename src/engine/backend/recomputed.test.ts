import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { offTape } from './offTape.ts'
import { recomputed } from './recomputed.ts'
import * as tf from './tfjs.ts'

/** Three steps with values between them that a backward pass needs. */
function chain(x: tf.Tensor, weight: tf.Tensor, count: (calls: number) => void): tf.Tensor {
  count(1)
  return tf.sin(tf.mul(tf.exp(tf.mul(x, weight)), x))
}

await describeOnDevices('recomputed', () => {
  it('gives the bits of what it wraps, value and gradients, one inside another too, without a leak', async () => {
    const inputs = [tf.tensor1d([0.3, -1.2, 0.7]), tf.tensor1d([0.5, 2, -1]), tf.tensor1d([-0.4, 1, 3])]
    const before = tf.memory().numTensors
    let calls = 0
    const count = (more: number) => (calls += more)
    const twice = (wrap: boolean) => (x: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => {
      const link = (from: tf.Tensor, weight: tf.Tensor) =>
        wrap
          ? recomputed([from, weight], ([fromAgain, again]) => chain(fromAgain!, again!, count))
          : chain(from, weight, count)
      const both = ([from, first, second]: readonly tf.Tensor[]) => link(link(from!, first!), second!)
      // `a` is used outside as well: its gradients have to be added up.
      return tf.add(wrap ? recomputed([x, a, b], both) : both([x, a, b]), tf.square(a))
    }
    const plain = tf.valueAndGrads(twice(false))(inputs)
    expect(calls).toBe(2)
    const wrapped = tf.valueAndGrads(twice(true))(inputs)
    // Once forward, once for the outer one again, once for each inner one again.
    expect(calls).toBe(2 + 2 + 2 + 2)
    for (const [i, tensor] of [plain.value, ...plain.grads].entries())
      expect(await [wrapped.value, ...wrapped.grads][i]!.data()).toEqual(await tensor.data())
    tf.dispose([plain, wrapped].map(({ value, grads }) => [value, grads]))
    expect(tf.memory().numTensors).toBe(before)
    tf.dispose(inputs)
  })

  it('can be gone back through within a forward pass, too', async () => {
    const x = tf.tensor1d([1, -2])
    const seen: tf.Tensor[] = []
    const slope = tf.grad((from) => {
      const y = recomputed([from], ([again]) => tf.sum(tf.exp(again!)))
      // As `sharedGradientNorms` does.
      const gradient = () => tf.engine().gradients(() => y, [from], undefined, true).grads[0]!
      seen.push(tf.keep(offTape(() => tf.clone(gradient()))))
      return y
    })(x)
    expect(await seen[0]!.data()).toEqual(await slope.data())
    tf.dispose([x, slope, seen])
  })

  it('runs once where nothing is differentiated', () => {
    let calls = 0
    const x = tf.tensor1d([1, 2])
    tf.dispose(recomputed([x], ([again]) => chain(again!, again!, (more) => (calls += more))))
    expect(calls).toBe(1)
    x.dispose()
  })
})
