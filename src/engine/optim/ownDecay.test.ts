import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { normals, sameBits } from '../../../tests/helpers/kernels.ts'
import { stepsOf, type TestWeight } from '../../../tests/helpers/optimizers.ts'
import { optimizers } from './registry.ts'

const weight = (name: string, kind: TestWeight['kind'], shape: number[]): TestWeight => {
  const size = shape.reduce((product, length) => product * length, 1)
  const path = [0, 1, 2].map((step) => normals(size, `${name} gradient ${step}`))
  return { kind, shape, start: normals(size, name), path }
}
// Of each kind two, of which one has its own decay; as an optimizer's own setting, it spares two of these.
const given = {
  matrix: weight('matrix', 'matrix', [4, 6]),
  otherMatrix: weight('otherMatrix', 'matrix', [4, 6]),
  bias: weight('bias', 'vector', [5]),
  otherBias: weight('otherBias', 'vector', [5]),
}
const own = { weightDecay: 0.3 }
const rate = 0.1

await describeOnDevices('a weight decay of a component', () => {
  it.each(optimizers.all.map((optimizer) => [optimizer.title, optimizer] as const))(
    'is that of its weights alone, whatever their kind: %s',
    async (_, optimizer) => {
      const after = async (
        weights: Record<string, TestWeight>,
        settings: Record<string, number | string>,
      ): Promise<Map<string, Float32Array>> => (await stepsOf(optimizer, settings, { weights, rate })).weights
      const decayOn = 'matrices'
      const usual = await after(given, { weightDecay: 0.05, decayOn })
      const found = await after(
        { ...given, matrix: { ...given.matrix, ...own }, bias: { ...given.bias, ...own } },
        { weightDecay: 0.05, decayOn },
      )
      const everywhere = await after(given, { ...own, decayOn: 'everything' })
      for (const name of ['matrix', 'bias']) {
        expect(sameBits(found.get(name)!, everywhere.get(name)!), name).toBe(true)
        expect(sameBits(found.get(name)!, usual.get(name)!), name).toBe(false)
      }
      for (const name of ['otherMatrix', 'otherBias'])
        expect(sameBits(found.get(name)!, usual.get(name)!), name).toBe(true)
      const without = { ...given, matrix: { ...given.matrix, weightDecay: 0 } }
      const spared = await after(without, { weightDecay: 0.05, decayOn })
      const none = await after(given, { weightDecay: 0, decayOn })
      expect(sameBits(spared.get('matrix')!, none.get('matrix')!)).toBe(true)
    },
  )
})
