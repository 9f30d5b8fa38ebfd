import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals } from '../../../tests/helpers/kernels.ts'
import { cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, tensor2d, type Tensor2D } from '../backend/tfjs.ts'
import supCon from './supCon.ts'

const params = { temperature: 0.5, isTemperatureLearned: false, needsNegatives: false }
const labels = [0, 1, 0, 0, 2, 1]

await describeOnDevices('supervised contrastive', () => {
  it('equals its definition: anchors without a positive do not count', () =>
    expectLossMatches(
      {
        loss: supCon,
        params,
        shapes: [[6, 3]],
        as: (x) => ({ labelled: { embeddings: x as Tensor2D, labels: tensor1d(labels, 'int32') } }),
      },
      (x) => {
        const s = cosines(x, x, 3).map((row) => row.map((value) => value / 0.5))
        const rows = s.flatMap((row, i) => {
          const positives = row.filter((_, p) => p !== i && labels[p] === labels[i])
          return positives.length === 0 ? [] : [logSumExp(row.filter((_, j) => j !== i)) - mean(positives)]
        })
        return mean(rows)
      },
    ))

  it('is 0 for a batch of one class where it needs negatives', async () => {
    const of = async (needsNegatives: boolean, classes: number[]) => {
      const embeddings = tensor2d(normals(9, 'x'), [3, 3])
      const labelled = { embeddings, labels: tensor1d(classes, 'int32') }
      return (await supCon.compute({ ...params, needsNegatives }, { labelled }).loss.data())[0]
    }
    expect(await of(true, [4, 4, 4])).toBe(0)
    expect(await of(false, [4, 4, 4])).toBeGreaterThan(0)
    expect(await of(true, [4, 4, 1])).toBe(await of(false, [4, 4, 1]))
  })
})
