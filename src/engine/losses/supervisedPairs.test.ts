import { it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { asPairs, cosines, expectLossMatches, logSumExp, mean } from '../../../tests/helpers/losses.ts'
import { tensor1d } from '../backend/tfjs.ts'
import supervisedPairs from './supervisedPairs.ts'

const labels = [0, 1, 0, 0, 2, 1]
const params = {
  temperature: 0.5,
  isTemperatureLearned: false,
  mode: 'all',
  positives: 'labels',
  threshold: 0.2,
  areClassesBalanced: false,
  reducer: 'anchors',
}
type Settings = typeof params
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** One direction. @param hasSelf whether row and column i are two things */
function oneWay(cosine: number[][], hasSelf: boolean, settings: Settings): number {
  const anchors = cosine.flatMap((row, i) => {
    const others = row.map((s, j) => ({ s, j })).filter(({ j }) => hasSelf || j !== i)
    const isPositive = ({ s, j }: { s: number; j: number }) =>
      settings.positives === 'labels' ? labels[i] === labels[j] : i === j || s >= settings.threshold
    const positives = others.filter(isPositive)
    if (positives.length === 0) return []
    const loss = logSumExp(others.map(({ s }) => s / 0.5)) - mean(positives.map(({ s }) => s / 0.5))
    const frequency = labels.filter((label) => label === labels[i]).length
    return [{ loss, number: positives.length, weight: settings.areClassesBalanced ? 1 / frequency : 1 }]
  })
  if (settings.reducer === 'pairs')
    return sum(anchors.map(({ loss, number }) => loss * number)) / sum(anchors.map(({ number }) => number))
  const total = sum(anchors.map(({ loss, weight }) => loss * weight))
  if (settings.reducer === 'all-anchors') return total / labels.length
  return total / sum(anchors.map(({ weight }) => weight))
}

await describeOnDevices('supervised contrastive pairs', () => {
  it.each([
    {},
    { mode: 'cross' },
    { mode: 'intra', reducer: 'all-anchors' },
    { mode: 'intra', areClassesBalanced: true },
    { positives: 'alike' },
    { reducer: 'pairs' },
  ])('equals its definition: %o', (variant) => {
    const settings = { ...params, ...variant }
    return expectLossMatches(
      {
        loss: supervisedPairs,
        params: settings,
        shapes: [
          [6, 3],
          [6, 3],
        ],
        as: (a, b) => ({
          labelledPairs: { ...asPairs(a, b).pairs!, labels: tensor1d(labels, 'int32') },
        }),
      },
      (a, b) => {
        const there = cosines(a!, b!, 3)
        const back = cosines(b!, a!, 3)
        const cross = (oneWay(there, true, settings) + oneWay(back, true, settings)) / 2
        const [ofA, ofB] = [a!, b!].map((z) => oneWay(cosines(z, z, 3), false, settings)) as [number, number]
        if (settings.mode === 'cross') return cross
        return settings.mode === 'intra' ? (ofA + ofB) / 2 : (ofA + ofB + cross) / 3
      },
    )
  })
})
