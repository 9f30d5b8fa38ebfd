import { basename } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { expectClose, normals, sameBits } from '../helpers/kernels.ts'
import { differentiated, layerArrays, layerTensors, passOf, type LayerCase } from '../helpers/layerCase.ts'
import { expectGradients, expectSlopes, hasNoGradient } from '../helpers/modelWeights.ts'
import { listFiles } from '../setup/sources.ts'
import { layerCases } from './layerCases.ts'

/** Files of `src/engine/nn` that are no layers, with the reason. */
const others: Readonly<Record<string, string>> = {
  parameter: 'says what a weight is, and its first values',
  initialization: 'says how wide first values are spread',
  dropoutSites: 'gives each dropout its numbers; every case that is drawn uses it',
  sinusoidal: 'makes tables on the host, which nothing is differentiated by; patchTokens has cases with them',
  resizePositions: 'makes tables on the host, before a model begins',
  rowOfEach: 'takes a place of each sequence for generation; no pass goes back through it',
  keyValueCache: 'keeps what generation has read; no pass goes back through it',
}

const named = layerCases.map((layerCase) => [`${layerCase.layer}, ${layerCase.options}`, layerCase] as const)
const drawn = named.filter(([, { isDrawn }]) => isDrawn === true)
const batch = [0, 1, 2]

it('covers every file of src/engine/nn, each case with a name of its own', () => {
  const files = listFiles('src/engine/nn', ['.ts'])
    .filter((path) => !path.endsWith('.test.ts'))
    .map((path) => basename(path, '.ts'))
  const covered = new Set(layerCases.map(({ layer }) => layer))
  const isOther = (file: string) => Object.hasOwn(others, file)
  expect(files.filter((file) => covered.has(file) === isOther(file))).toEqual([])
  expect([...covered, ...Object.keys(others)].filter((file) => !files.includes(file))).toEqual([])
  expect(new Set(named.map(([name]) => name)).size).toBe(named.length)
})

/** The mean of the output times fixed numbers, by variables that stand for inputs and weights. */
function lossesOf(layerCase: LayerCase) {
  const numbers = { samples: batch.slice(0, 2) }
  const tensors = layerTensors(layerCase, numbers)
  const variables = new Map(
    differentiated(layerCase).map((name) => [name, tf.variable(tensors.get(name)!)] as const),
  )
  const pass = passOf(new Map([...tensors, ...variables]), numbers)
  const lossOf = (run: LayerCase['run']) => () =>
    tf.tidy(() => {
      const output = run(pass)
      const cotangent = tf.tensor(normals(output.size, 'cotangent'), output.shape)
      return tf.div<tf.Scalar>(tf.sum(tf.mul(output, cotangent)), Math.sqrt(output.size))
    })
  return { variables, loss: lossOf(layerCase.run), sloped: lossOf(layerCase.sloped ?? layerCase.run) }
}

describe('every layer', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu')
  })

  it.each(named)('%s: its gradients are the slopes of what it gives', async (_name, layerCase) => {
    const { variables, loss, sloped } = lossesOf(layerCase)
    await expectGradients(variables, loss)
    await expectSlopes([...variables.values()], loss, sloped)
  })

  it.each(named)(
    '%s: gives each sample what it gives it alone, every weight a gradient, and leaves no tensors behind',
    async (_name, layerCase) => {
      const { output, gradients } = await layerArrays(layerCase, { samples: batch })
      for (const [name, gradient] of gradients) {
        expect(gradient.every(Number.isFinite), name).toBe(true)
        const isFelt = gradient.some((value) => value !== 0)
        expect(isFelt || hasNoGradient(name), `${name} makes no difference`).toBe(true)
      }
      const share = output.length / batch.length
      // What is dropped goes by the place in the batch.
      for (const sample of layerCase.isDrawn === true ? [0] : batch) {
        const alone = await layerArrays(layerCase, { samples: [sample] })
        const among = output.subarray(sample * share, (sample + 1) * share)
        expectClose(alone.output, among, { rtol: 1e-5, atol: 1e-6 }, `sample ${sample}`)
      }
    },
  )

  it.each(named)('%s: stays finite at zeros and at ten thousand', async (_name, layerCase) => {
    for (const scale of [0, 1e4]) {
      const { output, gradients } = await layerArrays(layerCase, { samples: batch, scale })
      for (const [name, values] of [['output', output] as const, ...gradients])
        expect(values.every(Number.isFinite), `${name} at ${scale}`).toBe(true)
    }
  })

  it.each(drawn)(
    '%s: drops the same with one seed and something else with another',
    async (_name, layerCase) => {
      const withSeed = async (seed: number) => (await layerArrays(layerCase, { samples: batch, seed })).output
      const [first, again, other] = [await withSeed(1), await withSeed(1), await withSeed(2)]
      expect(sameBits(first, again)).toBe(true)
      expect(sameBits(first, other)).toBe(false)
    },
  )
})
