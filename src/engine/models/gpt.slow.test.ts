import { describe, expect, it } from 'vitest'
import { engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { describeGoldens, values } from '../../../tests/helpers/goldens.ts'
import { gpt2Batch, gpt2Config, readGoldenTensors, type Gpt2Case } from '../../../tests/helpers/gpt2Tiny.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { expectGradients, strongWeights } from '../../../tests/helpers/modelWeights.ts'
import * as tf from '../backend/tfjs.ts'
import { weightedSum } from '../losses/weightedSum.ts'
import { tokenBatch, tokensOfBatch } from '../../../tests/helpers/tokenBatch.ts'
import { createWeights } from '../training/trainSessionState.ts'
import type { Batch } from '../training/trainSession.ts'
import gpt from './gpt.ts'
import { logitsOf as wholeLogits, nextTokenSizes, plainPass } from './modelInputs.ts'

type Model = Parameters<typeof gpt.forward>[0]

function logitsOf(model: Model, weights: ReadonlyMap<string, tf.Variable>, batch: Batch): tf.Tensor2D {
  const { batchSize, seqLen, ids: own } = tokensOfBatch(batch)
  const ids = tf.tensor1d(own, 'int32')
  const tokens = { ids, batchSize, seqLen, mask: null, onlyRow: null }
  return wholeLogits(gpt.forward(model, weights, { tokens }, plainPass))
}

const plainLoss = [{ name: 'cross-entropy', weight: 1, params: { labelSmoothing: 0 } }]

function lossOf(model: Model, weights: ReadonlyMap<string, tf.Variable>, batch: Batch): tf.Scalar {
  const targets = tf.tensor1d(tokensOfBatch(batch).targets, 'int32')
  return weightedSum(plainLoss, { classes: { logits: logitsOf(model, weights, batch), targets } }).total
}

function lossAndGradients(model: Model, weights: ReadonlyMap<string, tf.Variable>, batch: Batch) {
  return tf.variableGrads(() => lossOf(model, weights, batch), [...weights.values()])
}

await describeOnDevices('GPT', () => {
  describeGoldens<{ cases: Gpt2Case[] }>('gpt/gpt2_tiny.json', ({ cases }) => {
    it.each(cases.map((golden) => [golden.name, golden] as const))(
      '%s: logits and gradients',
      async (_name, golden) => {
        const { model } = gpt2Config(golden)
        const stored = readGoldenTensors('gpt2_tiny.safetensors')
        const specs = gpt.parameters(model, nextTokenSizes(golden.config.vocab_size))
        const weights = new Map(
          specs.map(({ name, shape }) => [
            name,
            tf.variable(tf.tensor(stored.get(name)!.data as Float32Array, [...shape])),
          ]),
        )
        const logits = logitsOf(model, weights, gpt2Batch(golden))
        const exact = (atol: number) => ({ rtol: 0, atol })
        expectClose(
          await logits.data(),
          values(golden.expected.logits),
          exact(golden.tolerance.logits_abs),
          'logits',
        )
        const { value, grads } = lossAndGradients(model, weights, gpt2Batch(golden))
        expect(Math.abs((await value.data())[0]! - golden.expected.loss)).toBeLessThanOrEqual(
          golden.tolerance.loss_abs,
        )
        expect(Object.keys(golden.expected.gradients).sort()).toEqual([...weights.keys()].sort())
        for (const [name, gradient] of Object.entries(golden.expected.gradients)) {
          const found = await grads[weights.get(name)!.name]!.data()
          expectClose(found, values(gradient), exact(golden.tolerance.gradients_abs), name)
        }
        weights.forEach((weight) => weight.dispose())
      },
    )
  })

  it.each([
    {},
    { positions: 'alibi', numKeyHeads: 1, activation: 'relu-squared' },
    { positions: 'sinusoidal', normPlace: 'post', activation: 'quick-gelu' },
    { positions: 'rotary', rotaryStyle: 'interleaved', hasHeadNorm: true, activation: 'relu' },
    { positions: 'none', activation: 'silu' },
  ])('reads sequences shorter than its context, and does not look ahead: %j', async (settings) => {
    const { model } = engineConfig({ model: settings })
    const store = createWeights(gpt.parameters(model, nextTokenSizes(9)), 1)
    const weights = store.variables
    const long = randomBatch({ batchSize: 2, seqLen: 12, vocabSize: 9, seed: 4 })
    const { ids, targets } = tokensOfBatch(long)
    const cut = (row: Int32Array) => Int32Array.from([...row.slice(0, 5), ...row.slice(12, 17)])
    const short = tokenBatch({ ids: cut(ids), targets: cut(targets), batchSize: 2 })
    const whole = await logitsOf(model, weights, long).data()
    const part = await logitsOf(model, weights, short).data()
    expectClose(part.slice(0, 45), whole.slice(0, 45), { rtol: 1e-5, atol: 1e-6 })
    expectClose(part.slice(45), whole.slice(12 * 9, 17 * 9), { rtol: 1e-5, atol: 1e-6 })
    store.dispose()
  })

  it('starts near the loss of a uniform guess, for any size of vocabulary', async () => {
    for (const vocabSize of [1, 7, 65]) {
      const { model } = engineConfig()
      const store = createWeights(gpt.parameters(model, nextTokenSizes(vocabSize)), 3)
      const { value } = lossAndGradients(
        model,
        store.variables,
        randomBatch({ batchSize: 2, seqLen: 6, vocabSize, seed: 1 }),
      )
      expect((await value.data())[0]).toBeCloseTo(Math.log(vocabSize), 1)
      store.dispose()
    }
  })
})

/** Every kind of weight of a variant against central differences of the whole network's loss, on the CPU. */
describe('GPT gradients by finite differences', () => {
  const variants: Record<string, Record<string, unknown>> = {
    'learned, LayerNorm, tanh GELU, tied': {},
    'rotary, RMSNorm, SwiGLU, untied': {
      positions: 'rotary',
      norm: 'rms-norm',
      activation: 'swiglu',
      isHeadTied: false,
      mlpRatio: 2.5,
    },
    'learned, no biases, exact GELU, untied': { hasBias: false, activation: 'gelu-exact', isHeadTied: false },
    'rotary in pairs of neighbours, one head of keys and values, head norms, SiLU': {
      positions: 'rotary',
      rotaryStyle: 'interleaved',
      numKeyHeads: 1,
      hasHeadNorm: true,
      activation: 'silu',
    },
    'ALiBi, norms after, ReLU²': { positions: 'alibi', normPlace: 'post', activation: 'relu-squared' },
    'sinusoidal, RMS head norms, norms after': {
      positions: 'sinusoidal',
      norm: 'rms-norm',
      hasHeadNorm: true,
      normPlace: 'post',
    },
    'no positions, sigmoid GELU': { positions: 'none', activation: 'quick-gelu' },
  }
  it.each(Object.entries(variants))('%s', async (_name, settings) => {
    await tf.setBackend('cpu')
    const { model } = engineConfig({ model: { numLayers: 1, embedDim: 8, seqLen: 5, ...settings } })
    const store = strongWeights(gpt.parameters(model, nextTokenSizes(7)), 5)
    const batch = randomBatch({ batchSize: 2, seqLen: 5, vocabSize: 7, seed: 2 })
    await expectGradients(store.variables, () => lossOf(model, store.variables, batch))
    store.dispose()
  })
})

describe('GPT weights', () => {
  const names = (settings: Record<string, unknown>) =>
    gpt
      .parameters(engineConfig({ model: { numLayers: 1, ...settings } }).model, nextTokenSizes(10))
      .map(({ name }) => name)

  it('has GPT-2’s names, and an untied head only where asked for', () => {
    expect(names({})).toContain('transformer.h.0.attn.c_attn.weight')
    expect(names({})).not.toContain('lm_head.weight')
    expect(names({ isHeadTied: false }).at(-1)).toBe('lm_head.weight')
    expect(names({ positions: 'rotary' })).not.toContain('transformer.wpe.weight')
    expect(names({ activation: 'swiglu' })).toContain('transformer.h.0.mlp.c_gate.weight')
    expect(names({ norm: 'rms-norm' }).filter((name) => /ln_.*bias/.test(name))).toEqual([])
    expect(names({ hasBias: false }).filter((name) => name.endsWith('bias'))).toEqual([])
  })

  it('starts as GPT-2: deviation 0.02, residual projections smaller with depth, gains 1, biases 0', async () => {
    await tf.setBackend('cpu')
    const { model } = engineConfig({ model: { embedDim: 64, numLayers: 2 } })
    const store = createWeights(gpt.parameters(model, nextTokenSizes(100)), 11)
    const weights = store.variables
    const deviation = async (name: string) => {
      const data = await weights.get(name)!.data<'float32'>()
      return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length)
    }
    expect(await deviation('transformer.h.0.attn.c_attn.weight')).toBeCloseTo(0.02, 3)
    expect(await deviation('transformer.h.1.mlp.c_proj.weight')).toBeCloseTo(0.01, 3)
    expect([...(await weights.get('transformer.ln_f.weight')!.data())].every((x) => x === 1)).toBe(true)
    expect([...(await weights.get('transformer.ln_f.bias')!.data())].every((x) => x === 0)).toBe(true)
    store.dispose()
  })

  it('maps the hub’s names and drops its mask buffers', () => {
    expect(gpt.importName('h.3.mlp.c_fc.bias')).toBe('transformer.h.3.mlp.c_fc.bias')
    expect(gpt.importName('transformer.wte.weight')).toBe('transformer.wte.weight')
    expect(gpt.importName('h.0.attn.bias')).toBeNull()
    expect(gpt.importName('transformer.h.11.attn.masked_bias')).toBeNull()
    expect(gpt.importName('h.0.attn.c_attn.bias')).toBe('transformer.h.0.attn.c_attn.bias')
  })
})

describe('GPT on the hub', () => {
  const tableOf = (settings: Record<string, unknown>) =>
    gpt.hubTable(engineConfig({ model: { numLayers: 1, ...settings } }).model, nextTokenSizes(10))

  it('has the names and layouts of its own, every one', () => {
    const specs = gpt.parameters(engineConfig({ model: { numLayers: 1 } }).model, nextTokenSizes(10))
    expect(tableOf({})).toEqual(
      specs.map(({ name, shape }) => ({ name, shape, hub: [{ name, shape }], layout: 'same' })),
    )
  })

  it('is not there for what GPT2LMHeadModel cannot be', () => {
    const variants = [
      { positions: 'rotary' },
      { norm: 'rms-norm' },
      { activation: 'swiglu' },
      { hasBias: false },
      { numKeyHeads: 1 },
      { hasHeadNorm: true },
      { normPlace: 'post' },
    ]
    variants.forEach((settings) => expect(tableOf(settings), JSON.stringify(settings)).toBeNull())
    expect(tableOf({ activation: 'relu', isHeadTied: false, numKeyHeads: 2 })).not.toBeNull()
  })
})

describe('GPT checks', () => {
  const issues = (settings: Record<string, unknown>) => gpt.check(engineConfig({ model: settings }).model)

  it('wants heads that divide the width, and says what would do', () => {
    expect(issues({ embedDim: 20, numHeads: 3 })).toEqual([
      { path: ['embedDim'], message: 'must be a multiple of numHeads (3), got 20; take 21, or 2 heads' },
    ])
    expect(issues({ embedDim: 6, numHeads: 2 })).toEqual([])
  })

  it('wants heads of keys and values that divide the heads', () => {
    expect(issues({ embedDim: 24, numHeads: 6, numKeyHeads: 4 })).toEqual([
      { path: ['numKeyHeads'], message: 'must divide numHeads (6), got 4; take 3, or 0 for as many' },
    ])
    expect(issues({ embedDim: 24, numHeads: 6, numKeyHeads: 3 })).toEqual([])
  })

  it('wants an even head for rotary positions', () => {
    expect(issues({ embedDim: 6, numHeads: 2, positions: 'rotary' })[0]!.path).toEqual(['positions'])
  })
})
