import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d, tensor2d, valueAndGrads, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import { withScratchBytes } from '../kernels/rowChunks.ts'
import clipDistillation from './clipDistillation.ts'

const wave = (count: number, speed: number) =>
  Array.from({ length: count }, (_, i) => Math.sin(speed * i + 1))
const teacherScale = 3

function taught(size: number) {
  const [teacherA, teacherB] = [wave(size * 2, 5), wave(size * 2, 3)]
  const as = (a: Tensor, b: Tensor) => ({
    taughtPairs: {
      a: a as Tensor2D,
      b: b as Tensor2D,
      ids: null,
      teacherA: tensor2d(teacherA, [size, 2]),
      teacherB: tensor2d(teacherB, [size, 2]),
      teacherScale: tensor1d([teacherScale]),
    },
  })
  return { as, teacherA, teacherB }
}

const transposed = (matrix: number[][]) => matrix.map((_, j) => matrix.map((row) => row[j]!))

await describeOnDevices('CLIP distillation', () => {
  it('is CLIP’s loss and the cross-entropy with the teacher’s similarities, both ways', async () => {
    const { as, teacherA, teacherB } = taught(4)
    await expectLossMatches(
      {
        loss: clipDistillation,
        params: { temperature: 1, isTemperatureLearned: true, isNormalized: true },
        shapes: [
          [4, 3],
          [4, 3],
        ],
        as,
        scalars: ['logScale'],
      },
      (a, b, logScale) => {
        const scaled = (matrix: number[][], by: number) => matrix.map((row) => row.map((x) => x * by))
        const student = scaled(cosines(a!, b!, 3), Math.exp(logScale![0]!))
        const teacher = scaled(
          cosines(Float64Array.from(teacherA), Float64Array.from(teacherB), 2),
          teacherScale,
        )
        const oneWay = (s: number[][], t: number[][]) =>
          mean(
            s.map((row, i) => {
              const p = t[i]!.map((x) => Math.exp(x - logSumExp(t[i]!)))
              const surprise = row.map((x) => logSumExp(row) - x)
              return surprise[i]! + p.reduce((sum, x, j) => sum + x * surprise[j]!, 0)
            }),
          )
        return (oneWay(student, teacher) + oneWay(transposed(student), transposed(teacher))) / 2
      },
    )
  })

  it('is the same in parts', async () => {
    const size = 130
    const { as } = taught(size)
    const params = { temperature: 0.1, isTemperatureLearned: false, isNormalized: true }
    const run = () =>
      valueAndGrads((a: Tensor, b: Tensor) => clipDistillation.compute(params, as(a, b)).loss)([
        tensor2d(wave(size * 3, 2), [size, 3]),
        tensor2d(wave(size * 3, 7), [size, 3]),
      ])
    const whole = run()
    const parts = withScratchBytes(50 * 4 * size * 32, run)
    const near = async (x: Tensor, y: Tensor) => {
      const expected = await x.data()
      ;(await y.data()).forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5))
    }
    await near(whole.value, parts.value)
    await near(whole.grads[0]!, parts.grads[0]!)
    await near(whole.grads[1]!, parts.grads[1]!)
  })
})
