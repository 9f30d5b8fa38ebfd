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

  it('leaves out anchors without a loss where it is asked to, however little float32 sees of it', async () => {
    // At a temperature of 0.01 rows 0, 1 and 5 have no loss; that of rows 2 and 3 is 2e-9, and that of row 4 large.
    const near = Math.acos(1 - 0.2)
    const at = (angle: number) => [Math.cos(angle), Math.sin(angle)]
    const embeddings = tensor2d([at(0), at(0), at(2), at(2), at(2 + near), at(2 + near + 1)])
    const labelled = { embeddings, labels: tensor1d([0, 0, 1, 1, 2, 2], 'int32') }
    const of = async (reducer: string) => {
      const settings = { temperature: 0.01, isTemperatureLearned: false, needsNegatives: false, reducer }
      return (await supCon.compute(settings, { labelled }).loss.data())[0]!
    }
    expect((await of('avg-nonzero')) / (await of('mean'))).toBeCloseTo(6 / 3, 4)
  })

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
