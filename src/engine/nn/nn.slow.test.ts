import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { describeGoldens, values, type GoldenTensor } from '../../../tests/helpers/goldens.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import * as tf from '../backend/tfjs.ts'
import { embedding } from '../kernels/embedding/embedding.ts'
import { activations } from './activation.ts'
import { dropoutSites, noDropout } from './dropoutSites.ts'
import { feedForward } from './feedForward.ts'
import { frozenRow } from './frozenRow.ts'
import type { FanInit } from './initialization.ts'
import { norm } from './norm.ts'
import { initialValues, type Weights } from './parameter.ts'
import { transformerBlock } from './transformerBlock.ts'
import { rotary } from '../kernels/attention/rotary.ts'
import { selfAttention } from './selfAttention.ts'

interface LayerCase {
  name: string
  params: Record<string, number | string | boolean | null>
  inputs: Record<string, GoldenTensor>
  expected: { loss: number; grads: Record<string, GoldenTensor>; output: GoldenTensor }
  tolerance: { loss_abs: number; grad_abs: Record<string, number>; output_abs: number; output_rel?: number }
}
type Inputs = Record<string, tf.Tensor>
type Layer = (inputs: Inputs, golden: LayerCase) => tf.Tensor

/** Output, and gradients of sum(output * cotangent), for every case of a file that `layer` covers. */
function goldenLayer(
  file: string,
  layer: Layer,
  isCovered: (golden: LayerCase) => boolean = () => true,
): void {
  describeGoldens<{ cases: LayerCase[] }>(`layers/${file}.json`, ({ cases }) => {
    it.each(cases.filter(isCovered).map((golden) => [golden.name, golden] as const))(
      '%s',
      async (_name, golden) => {
        const { expected, tolerance } = golden
        const names = Object.keys(expected.grads)
        const fixed = Object.fromEntries(
          Object.entries(golden.inputs).map(([name, tensor]) => [
            name,
            tf.tensor(values(tensor), tensor.shape, tensor.dtype === 'int32' ? 'int32' : 'float32'),
          ]),
        )
        const run = (...inputs: tf.Tensor[]) => {
          const output = layer(
            { ...fixed, ...Object.fromEntries(names.map((name, i) => [name, inputs[i]!])) },
            golden,
          )
          return tf.reshape(output, expected.output.shape)
        }
        const inputs = names.map((name) => fixed[name]!)
        const { value, grads } = tf.valueAndGrads(run)(inputs, fixed['cotangent']!)
        const close = { rtol: tolerance.output_rel ?? 0, atol: tolerance.output_abs }
        expectClose(await value.data(), values(expected.output), close, 'output')
        for (const [i, name] of names.entries()) {
          const bound = { rtol: 0, atol: tolerance.grad_abs[name]! }
          expectClose(await grads[i]!.data(), values(expected.grads[name]!), bound, name)
        }
      },
    )
  })
}

/** The goldens' matrices are [out, in], ours [in, out]. */
function weightsOf(inputs: Inputs, prefix = ''): Weights {
  return {
    get: (name) => {
      const input = inputs[name.slice(prefix.length)]
      return input?.rank === 2 ? tf.transpose(input) : input
    },
  }
}
const flat = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [-1, x.shape.at(-1)!])
const sizes = ({ inputs, params }: LayerCase) => ({
  batchSize: inputs['x']!.shape[0]!,
  numHeads: Number(params['heads']),
  isCausal: true,
  dropoutAt: noDropout,
})

await describeOnDevices('layers', () => {
  goldenLayer('layernorm', (inputs, { params }) => {
    const weights = { get: (name: string) => inputs[name.replace('n.', '')] }
    return norm(flat(inputs['x']!), weights, {
      name: 'n',
      kind: 'layer-norm',
      epsilon: Number(params['eps']),
    })
  })
  goldenLayer('rmsnorm', (inputs, { params }) => {
    const weights = { get: (name: string) => inputs[name.replace('n.', '')] }
    return norm(flat(inputs['x']!), weights, { name: 'n', kind: 'rms-norm', epsilon: Number(params['eps']) })
  })
  const bends: Record<string, keyof typeof activations> = {
    gelu_exact: 'gelu-exact',
    gelu_tanh: 'gelu-tanh',
    softplus: 'softplus',
    hardswish: 'hard-swish',
    quick_gelu: 'quick-gelu',
    silu: 'silu',
  }
  it('hard-swish bends at -3 and 3 as F.hardswish of torch 2.13', async () => {
    const x = tf.tensor1d([-3, 3, -2.999, 0, 2.999])
    const slopes = await tf
      .grad((at) => activations['hard-swish'](at))(x)
      .data()
    ;[0, 1, -0.49966669, 0.5, 1.49966669].forEach((slope, i) => expect(slopes[i]).toBeCloseTo(slope, 6))
  })
  goldenLayer('activations', (inputs, { params }) =>
    activations[bends[String(params['kind'])]!](inputs['x']!),
  )
  goldenLayer(
    'swiglu',
    (inputs) => {
      const names: Record<string, string> = { c_gate: 'gate', c_fc: 'up', c_proj: 'down' }
      const weights: Weights = {
        get(name) {
          const [layer, kind] = name.split('.') as [string, string]
          const input = inputs[`${names[layer]}_${kind}`]
          return input?.rank === 2 ? tf.transpose(input) : input
        },
      }
      return feedForward(flat(inputs['x']!), weights, {
        name: '',
        activation: 'swiglu',
        dropoutAt: noDropout,
      })
    },
    ({ params }) => params['layout'] === 'llama',
  )
  goldenLayer('causal_attention', (inputs, golden) =>
    selfAttention(flat(inputs['x']!), weightsOf(inputs), { name: '', ...sizes(golden) }),
  )
  goldenLayer('gpt_block', (inputs, golden) =>
    transformerBlock(flat(inputs['x']!), weightsOf(inputs), {
      name: '',
      ...sizes(golden),
      norm: 'layer-norm',
      normEpsilon: Number(golden.params['ln_eps']),
      activation: 'gelu-exact',
    }),
  )
  goldenLayer('rotary', (inputs, { params }) => {
    const turn = (x: tf.Tensor) => {
      const grouped: tf.Tensor3D = tf.reshape(x, [-1, x.shape[2]!, x.shape[3]!])
      return tf.reshape(
        rotary(grouped, {
          base: Number(params['base']),
          rotaryDim: Number(params['rotary_dim']),
          style: params['style'] === 'half_split' ? 'half-split' : 'interleaved',
          firstPosition: Number(params['first_position']),
        }),
        x.shape,
      )
    }
    return tf.concat([turn(inputs['q']!), turn(inputs['k']!)], 0)
  })
  goldenLayer('embedding', (inputs, { params }) => {
    const table = inputs['table'] as tf.Tensor2D
    const padding = params['padding_idx']
    const ids: tf.Tensor1D = tf.reshape(inputs['ids']!, [-1])
    return embedding(typeof padding === 'number' ? frozenRow(table, padding) : table, ids)
  })

  it('rotary leaves lengths and the products of equally distant vectors alone', async () => {
    const options = { base: 100, rotaryDim: 4, style: 'half-split', firstPosition: 0 } as const
    const x = tf.tensor3d([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], [1, 3, 4])
    const turned = rotary(x, options)
    const products = await tf.matMul(turned, turned, false, true).data()
    expectClose([products[0]!, products[4]!, products[8]!], [30, 30, 30], { rtol: 1e-5, atol: 0 })
    expect(products[1]).toBeCloseTo(products[5]!, 4)
  })
})

it('gives every dropout site and micro-batch a mask of its own, and the first one the plain purpose', () => {
  const at = (microBatch: number) => dropoutSites({ seed: 3, step: 9, microBatch, counter: null })
  const key = (microBatch: number, site: string) => at(microBatch)(site, 0.5)!.key.join()
  expect(new Set([key(0, 'a'), key(0, 'b'), key(1, 'a'), key(2, 'a')]).size).toBe(4)
  expect(at(0)('a', 0.5)).toMatchObject({ rate: 0.5, step: 9 })
  expect(at(0)('a', 0)).toBeNull()
})

it('draws a weight’s first values from its own name', () => {
  const spec = (name: string) =>
    ({ name, shape: [4], kind: 'matrix', init: { kind: 'normal', standardDeviation: 1 } }) as const
  expect(initialValues(spec('a'), 1)).toEqual(initialValues(spec('a'), 1))
  expect(initialValues(spec('a'), 1)).not.toEqual(initialValues(spec('b'), 1))
  expect(initialValues(spec('a'), 1)).not.toEqual(initialValues(spec('a'), 2))
})

it('starts matrices by their widths with the deviations that PyTorch’s init has', () => {
  const deviation = (kind: FanInit, shape: number[]): number => {
    const data = initialValues({ name: 'w', shape, kind: 'matrix', init: { kind } }, 1)
    return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length)
  }
  expect(deviation('xavier-normal', [300, 100])).toBeCloseTo(Math.sqrt(2 / 400), 3)
  expect(deviation('xavier-uniform', [300, 100])).toBeCloseTo(Math.sqrt(2 / 400), 3)
  expect(deviation('kaiming-normal', [300, 100])).toBeCloseTo(Math.sqrt(2 / 300), 3)
  expect(deviation('kaiming-uniform', [3, 3, 20, 50])).toBeCloseTo(Math.sqrt(2 / (9 * 20)), 2)
  const uniform = initialValues(
    { name: 'w', shape: [60, 40], kind: 'matrix', init: { kind: 'xavier-uniform' } },
    1,
  )
  const limit = Math.sqrt(6 / 100)
  expect(Math.max(...uniform)).toBeLessThanOrEqual(limit)
  expect(Math.max(...uniform)).toBeGreaterThan(0.98 * limit)
})
