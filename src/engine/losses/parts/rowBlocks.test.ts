import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../../tests/helpers/gpu.ts'
import { expectClose, expectMatchesReference, normals, sameBits } from '../../../../tests/helpers/kernels.ts'
import { logSumExp, rows as rowsOf } from '../../../../tests/helpers/losses.ts'
import { LabBackend } from '../../backend/labBackend.ts'
import * as tf from '../../backend/tfjs.ts'
import { createDeviceFunction } from '../../graph/deviceFunction.ts'
import { Workspace } from '../../graph/workspace.ts'
import { rowScores } from '../../kernels/linear/rowScores.ts'
import { withScratchBytes } from '../../kernels/rowChunks.ts'
import { diagonal } from './labelPairs.ts'
import { eachBlock, rowsIn, sumOverRows } from './rowBlocks.ts'
import { sharedGradientNorms } from './sharedGradients.ts'

const [count, width] = [7, 3]
/** Two of seven rows at a time: 2, 2, 2 and 1. */
const inBlocks = <T>(run: () => T): T => withScratchBytes(2 * 4 * count * 32, run)

/** Σ_i log Σ_{j≠i} e^{scale·x_i·y_j} */
function crowding(x: tf.Tensor2D, y: tf.Tensor2D, scale: number | tf.Scalar): tf.Scalar {
  return sumOverRows({ rows: x, columns: y, scale }, ({ rows, columns, factor, ...block }) => {
    const scores = tf.mul(rowScores(rows, columns), factor)
    const others = tf.where(diagonal(count, block), tf.fill(scores.shape, -1e30), scores)
    return { total: tf.sum(tf.logSumExp(others, 1)), aside: {} }
  }).total
}

function slowCrowding(x: Float64Array, y: Float64Array, scale: number): number {
  const columns = rowsOf(y, width)
  return rowsOf(x, width).reduce((total, row, i) => {
    const scores = columns.map((column) => scale * row.reduce((sum, value, d) => sum + value * column[d]!, 0))
    return total + logSumExp(scores.filter((_, j) => j !== i))
  }, 0)
}

const sides = [
  [count, width],
  [count, width],
]
const tolerance = { rtol: 2e-5, atol: 2e-6 }

await describeOnDevices('sums over rows', () => {
  it('and their gradients are those of float64 loops, in blocks that do not divide the rows', async () => {
    const run = (x: tf.Tensor, y: tf.Tensor, logScale: tf.Tensor): tf.Tensor =>
      inBlocks(() => tf.tidy(() => crowding(x as tf.Tensor2D, y as tf.Tensor2D, logScale as tf.Scalar)))
    await expectMatchesReference(
      { shapes: [...sides, []], run },
      (x, y, logScale) => [slowCrowding(x!, y!, Math.exp(logScale![0]!))],
      tolerance,
    )
  })

  it('of a side with itself have both gradients, with the same bits each time', async () => {
    const run = (x: tf.Tensor): tf.Tensor =>
      inBlocks(() => tf.tidy(() => crowding(x as tf.Tensor2D, x as tf.Tensor2D, 1.3)))
    await expectMatchesReference(
      { shapes: [[count, width]], run },
      (x) => [slowCrowding(x!, x!, 1.3)],
      tolerance,
    )
    const x = tf.tensor2d(normals(count * width, 'x'), [count, width])
    const [once, again] = [0, 1].map(() => tf.grad(run)(x)) as [tf.Tensor, tf.Tensor]
    expect(sameBits(await once.data<'float32'>(), await again.data<'float32'>())).toBe(true)
    tf.dispose([x, once, again])
  })

  it('are recorded with the bits of operations one by one', async () => {
    const found = await Promise.all(
      [true, false].map(async (isEager) => {
        const current = tf.backend()
        const workspace = current instanceof LabBackend ? new Workspace(current) : null
        const step = createDeviceFunction({
          feeds: { x: { dtype: 'float32', length: count * width } },
          workspace,
          isEager,
          run: (inputs) => {
            const slope = tf.grad((x) => inBlocks(() => crowding(x as tf.Tensor2D, x as tf.Tensor2D, 0.7)))
            return tf.reshape(slope(tf.reshape(inputs.tensor('x'), [count, width])), [count * width])
          },
        })
        const numbers = await step.call({ x: normals(count * width, 'x') }, 0).read()
        expect(step.refusal).toBeNull()
        step.dispose()
        workspace?.dispose()
        return numbers
      }),
    )
    expect(sameBits(found[0]!, found[1]!)).toBe(true)
    expect(found[0]!.some((number) => number !== 0)).toBe(true)
  })

  it('can be gone back through twice, within a forward pass too', async () => {
    const w = tf.variable(tf.tensor2d(normals(count * width, 'w'), [count, width]))
    const before = tf.memory().numTensors
    const seen: tf.Tensor[] = []
    const { value, grads } = tf.variableGrads(() => {
      const x: tf.Tensor2D = tf.mul(w, 2)
      const loss = inBlocks(() => crowding(x, x, 1))
      seen.push(tf.keep(sharedGradientNorms([loss, tf.sum(x) as tf.Scalar])))
      return loss
    }, [w])
    const slopes = await grads[w.name]!.data<'float32'>()
    const [norm, plain] = await seen[0]!.data<'float32'>()
    expect(norm).toBeCloseTo(Math.hypot(...slopes) / 2, 4)
    expect(plain).toBeCloseTo(Math.sqrt(count * width), 4)
    tf.dispose([value, grads, seen])
    expect(tf.memory().numTensors).toBe(before)
    w.dispose()
  })

  it('tell what is counted beside them, and what blocks make of their rows', async () => {
    const x = tf.tensor2d(normals(count * width, 'x'), [count, width])
    const before = tf.memory().numTensors
    const [number, sums] = inBlocks(() =>
      tf.tidy(() => [
        sumOverRows({ rows: x, columns: x }, ({ rows }) => ({
          total: tf.sum(rows),
          aside: { number: tf.scalar(rows.shape[0]) },
        })).aside.number,
        eachBlock([count, count], (block): tf.Tensor1D => tf.sum(rowsIn(x, block), 1)),
      ]),
    ) as [tf.Scalar, tf.Tensor1D]
    expect((await number.data())[0]).toBe(count)
    const expected = rowsOf(Float64Array.from(await x.data()), width).map((row) =>
      row.reduce((a, b) => a + b),
    )
    expectClose(await sums.data<'float32'>(), expected, tolerance)
    tf.dispose([number, sums])
    expect(tf.memory().numTensors).toBe(before)
    x.dispose()
  })
})
