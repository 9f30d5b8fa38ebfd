import { describe, expect, it } from 'vitest'
import { BunsenError } from '../../src/core/errors.ts'
import { parse, type ConfigValue } from '../../src/core/schema.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { losses } from '../../src/engine/losses/registry.ts'
import { knownElsewhere, type KnownElsewhere } from '../../src/headless/knownElsewhere.ts'
import { lossBatch, lossWidth } from '../helpers/lossInputs.ts'
import { evaluate, type LossVariant } from '../helpers/lossRuns.ts'
import { cosines, logSumExp, mean, rows } from '../helpers/losses.ts'

const count = 6
const order = Array.from({ length: count }, (_, i) => i)
const ids = order.map((item) => Math.floor(item / 2))
const rowsByName = knownElsewhere.map((known): [string, KnownElsewhere] => [
  `${known.row} ${known.name}`,
  known,
])
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function variantOf({ name, params }: KnownElsewhere['losses'][number]): LossVariant {
  const loss = losses.get(name)
  const parsed = parse({ type: 'group', label: '', help: '', fields: loss.fields }, params)
  if (!parsed.isValid) throw new Error(`${name}: ${parsed.issues.map(({ message }) => message).join('; ')}`)
  return { title: name, loss, params: parsed.value as Record<string, ConfigValue> }
}

/** The pairs of a batch, in float64. */
function sides(): [Float64Array, Float64Array] {
  const [a, b] = lossBatch('pairs', { order }).learned.map(({ values }) => Float64Array.from(values))
  return [a!, b!]
}

const turned = (matrix: number[][]) => matrix[0]!.map((_, j) => matrix.map((row) => row[j]!))
/** Both directions, each row by itself. */
const bothWays = (s: number[][], oneWay: (row: number[], i: number) => number) =>
  (mean(s.map(oneWay)) + mean(turned(s).map(oneWay))) / 2
const positivesOf = (row: readonly number[], i: number) => row.filter((_, j) => ids[j] === ids[i])
const scaled = ([a, b]: [Float64Array, Float64Array], temperature: number) =>
  cosines(a, b, lossWidth).map((row) => row.map((s) => s / temperature))

/** Mean over different features of the squares of their correlations, of both sides. */
function correlated(both: [Float64Array, Float64Array]): number {
  return mean(
    both.map((z) => {
      const features = Array.from({ length: lossWidth }, (_, d) => rows(z, lossWidth).map((row) => row[d]!))
      const covariance = (f: number[], g: number[]) =>
        mean(f.map((x, n) => (x - mean(f)) * (g[n]! - mean(g))))
      const squares = features.flatMap((f, i) =>
        features.flatMap((g, j) =>
          i === j ? [] : [covariance(f, g) ** 2 / ((covariance(f, f) + 1e-5) * (covariance(g, g) + 1e-5))],
        ),
      )
      return mean(squares)
    }),
  )
}

/** Rows that are put together of several losses, or of settings that no test beside a loss has, as their formulas read. */
const slow: Readonly<Record<number, () => number>> = {
  1: () => bothWays(scaled(sides(), 0.07), (row, i) => logSumExp(row) - mean(positivesOf(row, i))),
  7: () => {
    const s = scaled(sides(), 0.07)
    const contrast = bothWays(s, (row, i) => logSumExp(row) - logSumExp(positivesOf(row, i)))
    const crowding = (z: Float64Array) =>
      Math.log(
        mean(
          cosines(z, z, lossWidth).flatMap((row, i) =>
            row.flatMap((c, j) => (i === j ? [] : [Math.exp(-4 * (1 - c))])),
          ),
        ),
      )
    return contrast + mean(sides().map(crowding))
  },
  8: () =>
    bothWays(scaled(sides(), 0.07), (row, i) => mean(positivesOf(row, i).map((s) => logSumExp(row) - s))),
  9: () => {
    const s = cosines(...sides(), lossWidth)
    const pull = mean(s.map((row, i) => 2 - 2 * row[i]!))
    const contrast = bothWays(scaled(sides(), 0.1), (row, i) => logSumExp(row) - mean(positivesOf(row, i)))
    return contrast + 0.5 * pull + 0.2 * correlated(sides())
  },
  13: () => {
    const [a, b] = sides()
    const all = Float64Array.of(...a, ...b)
    const s = cosines(all, all, lossWidth).map((row) => row.map((x) => x / 0.07))
    return mean(s.map((row, i) => logSumExp(row.filter((_, j) => j !== i)) - row[(i + count) % (2 * count)]!))
  },
}

describe('the losses of the MultiModal Insight Engine', () => {
  it('are all there, by their numbers', () => {
    expect(knownElsewhere.map(({ row }) => row)).toEqual(Array.from({ length: 26 }, (_, i) => i + 1))
  })

  it.each(rowsByName)(
    '%s: is reached by name, and equals its formula where no other test says so',
    async (_name, known) => {
      await tf.setBackend('cpu')
      const terms: number[] = []
      for (const part of known.losses) {
        const found = await evaluate(variantOf(part), { order, hasSharedIds: true })
        if (found instanceof BunsenError) throw found
        expect(Number.isFinite(found.value)).toBe(true)
        expect(found.gradients.some((gradient) => gradient.some((x) => x !== 0))).toBe(true)
        terms.push(part.weight * found.value)
      }
      const expected = slow[known.row]?.()
      if (expected !== undefined) expect(sum(terms)).toBeCloseTo(expected, 4)
    },
  )
})
