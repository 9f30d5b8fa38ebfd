import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, cosines, expectLossMatches, mean } from '../../../tests/helpers/losses.ts'
import * as tf from '../backend/tfjs.ts'
import negativeCosine from './negativeCosine.ts'

await describeOnDevices('negative cosine', () => {
  it('equals its definition', () =>
    expectLossMatches(
      {
        loss: negativeCosine,
        shapes: [
          [4, 3],
          [4, 3],
        ],
        as: asPairs,
      },
      (a, b) => -mean(cosines(a, b!, 3).map((row, i) => row[i]!)),
    ))

  it('pulls a row that is shorter than epsilon by the slope of what it is divided by, which does not move', async () => {
    const a = tf.tensor2d([0.03, 0.04, 0], [1, 3])
    const b = tf.tensor2d([1, 2, 2], [1, 3])
    const { value, grads } = tf.valueAndGrads(
      (x: tf.Tensor, y: tf.Tensor) => negativeCosine.compute({ epsilon: 0.1 }, asPairs(x, y)).loss,
    )([a, b])
    // -(F.normalize(a, eps=0.1) * F.normalize(b)).sum(1).mean() in torch, whose F.cosine_similarity has another
    // gradient there, one that is no slope.
    expect((await value.data())[0]).toBeCloseTo(-1.1 / 3, 6)
    const pull = [-10 / 3, -20 / 3, -20 / 3]
    ;[...(await grads[0]!.data())].forEach((each, i) => expect(each).toBeCloseTo(pull[i]!, 5))
  })
})
