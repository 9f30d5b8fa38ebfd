import { describe, expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import {
  expectGradients,
  modelConfig,
  strongWeights,
  type Variables,
} from '../../../tests/helpers/modelWeights.ts'
import type { ConfigValue } from '../../core/schema.ts'
import * as tf from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import mlp from './mlp.ts'
import { logitsOf, outputOf, plainPass, type Head } from './modelInputs.ts'

const numFeatures = 3
const twoClasses: Head = { kind: 'classes', count: 2 }
const sizes = { features: { numFeatures, head: twoClasses } }
const given = [
  [0.5, -1, 2],
  [-0.3, 0.8, 0.1],
]
const rows = () => ({ features: { rows: tf.tensor2d(given) } })
const configOf = (settings: Record<string, ConfigValue>) =>
  modelConfig(mlp, { hidden: { shape: 'even', width: 4, depth: 2 }, ...settings })
const run = (config: ReturnType<typeof configOf>, weights: Variables) =>
  mlp.forward(config, weights, rows(), plainPass)

/** x W + b of one row, in float64. */
async function layer(weights: Variables, name: string, x: readonly number[]): Promise<number[]> {
  const weight = await weights.get(`${name}.weight`)!.data()
  const bias = await weights.get(`${name}.bias`)!.data()
  return [...bias].map((b, to) =>
    x.reduce((sum, value, from) => sum + value * weight[from * bias.length + to]!, b),
  )
}

await describeOnDevices('multi-layer perceptron', () => {
  it('equals plain loops, with residuals where widths agree', async () => {
    const config = configOf({ hasResidual: true })
    const store = strongWeights(mlp.parameters(config, sizes), 3)
    const output = run(config, store.variables)
    const relu = (x: number[]) => x.map((value) => Math.max(0, value))
    const expected: number[] = []
    for (const row of given) {
      const first = relu(await layer(store.variables, 'layers.0', row))
      const bent = relu(await layer(store.variables, 'layers.1', first))
      const second = first.map((value, i) => value + bent[i]!)
      expected.push(...(await layer(store.variables, 'head', second)))
    }
    ;(await logitsOf(output).data()).forEach((score, i) => expect(score).toBeCloseTo(expected[i]!, 4))
    expect(outputOf(output, 'pooled').shape).toEqual([2, 4])
    store.dispose()
  })
})

describe('multi-layer perceptron', () => {
  it('has the layers that its settings say', () => {
    const config = configOf({ hidden: { shape: 'list', widths: [5, 7] }, norm: 'layer-norm', hasBias: false })
    const shapes = mlp.parameters(config, sizes).map(({ name, shape }) => [name, shape])
    expect(shapes).toEqual([
      ['layers.0.weight', [3, 5]],
      ['layers.0.norm.weight', [5]],
      ['layers.1.weight', [5, 7]],
      ['layers.1.norm.weight', [7]],
      ['head.weight', [7, 2]],
      ['head.bias', [2]],
    ])
  })

  const variants: Record<string, Record<string, ConfigValue>> = {
    'GELU, LayerNorm, residual': { activation: 'gelu-exact', norm: 'layer-norm', hasResidual: true },
    'SiLU, RMSNorm, no biases': { activation: 'silu', norm: 'rms-norm', hasBias: false },
    'one by one': { activation: 'gelu-tanh', hidden: { shape: 'list', widths: [5, 4, 6] } },
  }
  it.each(Object.entries(variants))('gradients by finite differences: %s', async (_name, settings) => {
    await tf.setBackend('cpu')
    const config = configOf(settings)
    const store = strongWeights(mlp.parameters(config, sizes), 5)
    const targets = tf.tensor1d([1, 0], 'int32')
    await expectGradients(store.variables, () =>
      crossEntropy(logitsOf(run(config, store.variables)), targets, { labelSmoothing: 0, ignoreIndex: -1 }),
    )
    store.dispose()
  })
})
