import { describe, expect, it } from 'vitest'
import { normals } from '../../../tests/helpers/kernels.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { cosines, expectLossMatches, logSumExp, mean, rows } from '../../../tests/helpers/losses.ts'
import { parse } from '../../core/schema.ts'
import { add, sum, tensor2d, valueAndGrads, type Tensor, type Tensor2D } from '../backend/tfjs.ts'
import byol from './byol.ts'
import dino from './dino.ts'
import { sinkhorn } from './parts/sinkhorn.ts'
import simSiam from './simSiam.ts'
import swav from './swav.ts'

const [count, width] = [4, 3]
const held = ['first', 'second'].map((name) => normals(count * width, name))
const teacher = () => held.map((values) => tensor2d(values, [count, width]))
const views = (...student: Tensor[]) => ({
  views: { student: student as Tensor2D[], teacher: teacher() },
})
const shapes = [
  [count, width],
  [count, width],
]
const crops = [...shapes, [count, width]]
const meanCosine = (p: Float64Array, z: Float32Array) =>
  mean(cosines(p, Float64Array.from(z), width).map((row, i) => row[i]!))
const softmax = (row: readonly number[]) => row.map((x) => Math.exp(x - logSumExp(row)))

await describeOnDevices('losses of views', () => {
  it('BYOL equals its definition, and twice the mean over ways for more views', async () => {
    await expectLossMatches(
      { loss: byol, shapes, as: views },
      (p0, p1) => 4 - 2 * meanCosine(p0!, held[1]!) - 2 * meanCosine(p1!, held[0]!),
    )
    await expectLossMatches({ loss: byol, shapes: crops, as: views }, (...p) => {
      const ways = [
        [0, 1],
        [0, 2],
        [1, 0],
        [1, 2],
      ] as const
      return 2 * mean(ways.map(([z, v]) => 2 - 2 * meanCosine(p[v]!, held[z]!)))
    })
  })

  it('SimSiam equals its definition', () =>
    expectLossMatches(
      { loss: simSiam, shapes, as: views },
      (p0, p1) => -(meanCosine(p0!, held[1]!) + meanCosine(p1!, held[0]!)) / 2,
    ))

  it.each([byol, simSiam])('$id gives no gradient to the side that is held still', async (loss) => {
    const [student, other] = held.slice(0, 2).map((values) => tensor2d(values!, [count, width]))
    const of = valueAndGrads((x: Tensor, z: Tensor) => {
      const given = { student: [x, x] as Tensor2D[], teacher: [z, z] as Tensor2D[] }
      // The term in z makes a gradient of ones, beside which there must be none.
      return add(loss.compute({}, { views: given }).loss, sum(z))
    })
    const { grads } = of([student!, other!])
    expect([...(await grads[1]!.data())]).toEqual(new Array<number>(count * width).fill(1))
    expect((await grads[0]!.data()).some((x) => Math.abs(x) > 1e-3)).toBe(true)
  })

  it.each([byol, simSiam])('$id refuses a single view', (loss) => {
    const one = tensor2d(held[0]!, [count, width])
    expect(() => loss.compute({}, { views: { student: [one], teacher: [one] } })).toThrow(
      /needs two different views, got 1 of the student and 1 of the teacher/,
    )
  })

  describe('DINO', () => {
    const center = [0.3, -0.2, 0.1]
    const params = { teacherTemperature: 0.5, studentTemperature: 0.8, centerMomentum: 0.9 }
    const memory = () => ({ scalars: {}, state: { center: tensor2d(center, [1, width]) } })

    it('equals its definition', () =>
      expectLossMatches(
        {
          loss: { ...dino, compute: (settings, inputs) => dino.compute(settings, inputs, memory()) },
          params,
          shapes: crops,
          as: views,
        },
        (...students) => {
          const terms = held.flatMap((values, t) =>
            students.flatMap((student, s) => {
              if (s === t) return []
              const targets = rows(Float64Array.from(values), width)
              return rows(student, width).map((row, i) => {
                const p = softmax(targets[i]!.map((x, d) => (x - center[d]!) / 0.5))
                const scores = row.map((x) => x / 0.8)
                return p.reduce((sum, x, d) => sum + x * (logSumExp(scores) - scores[d]!), 0)
              })
            }),
          )
          return mean(terms)
        },
      ))

    it('moves its centre after the loss', async () => {
      const student = teacher()
      const { state } = dino.compute(params, views(...student), memory())
      const all = held.flatMap((values) => rows(Float64Array.from(values), width))
      const found = await state!['center']!.data()
      center.forEach((value, d) =>
        expect(found[d]).toBeCloseTo(0.9 * value + 0.1 * mean(all.map((row) => row[d]!)), 6),
      )
    })
  })

  describe('SwAV', () => {
    const options = { iterations: 4, epsilon: 0.3 }
    /** The definition, in plain numbers. */
    const codes = (scores: number[][]): number[][] => {
      let q = scores.map((row) => row.map((x) => Math.exp(x / options.epsilon)))
      const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
      for (let i = 0; i < options.iterations; i++) {
        const perPrototype = q[0]!.map((_, k) => sum(q.map((row) => row[k]!)))
        q = q.map((row) => row.map((x, k) => x / perPrototype[k]!))
        q = q.map((row) => row.map((x) => x / sum(row)))
      }
      return q
    }

    it('shares samples evenly, also where scores are far apart', async () => {
      const scores = normals(count * width, 'scores')
      const found = await sinkhorn(tensor2d(scores, [count, width]), options).data()
      codes(rows(Float64Array.from(scores), width))
        .flat()
        .forEach((code, i) => expect(found[i]).toBeCloseTo(code, 5))
      const far = await sinkhorn(tensor2d([1e4, 0, -1e4, 1e4, 3e4, 0], [2, 3]), options).data()
      expect([...far].every((code) => code >= 0 && code <= 1)).toBe(true)
    })

    it('asks for one round at least: none would leave shares that do not sum to 1', () => {
      expect(parse(swav.fields['sinkhornIterations']!, 0)).toMatchObject({ isValid: false })
      expect(parse(swav.fields['sinkhornIterations']!, 1)).toMatchObject({ isValid: true })
    })

    it('equals its definition with a queue and low-resolution views', async () => {
      const queue = normals(2 * width, 'queue')
      await expectLossMatches(
        {
          loss: swav,
          params: {
            temperature: 0.5,
            sinkhornEpsilon: options.epsilon,
            sinkhornIterations: options.iterations,
          },
          shapes: crops,
          // Codes carry no gradient: they are of what is held.
          as: (...scores: Tensor[]) => ({
            prototypeScores: {
              high: teacher(),
              low: scores as Tensor2D[],
              queued: [tensor2d(queue, [2, width])],
            },
          }),
        },
        (...low) => {
          const high = held.map((values) => rows(Float64Array.from(values), width))
          const all = [...high, ...low.map((values) => rows(values, width))]
          const terms = high.flatMap((own, i) => {
            const queued = i === 0 ? rows(Float64Array.from(queue), width) : []
            const q = codes([...own, ...queued])
            return all.flatMap((scores, v) =>
              v === i
                ? []
                : mean(
                    scores.map((row, b) => {
                      const scaled = row.map((x) => x / 0.5)
                      return q[b]!.reduce((sum, code, k) => sum + code * (logSumExp(scaled) - scaled[k]!), 0)
                    }),
                  ),
            )
          })
          return mean(terms)
        },
      )
    })
  })
})
