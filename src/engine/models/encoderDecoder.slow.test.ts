import { describe, expect, it } from 'vitest'
import { randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { tokensOfBatch } from '../../../tests/helpers/tokenBatch.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { values, type GoldenTensor } from '../../../tests/helpers/goldens.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import {
  expectGradients,
  gradientsOf,
  int32,
  modelConfig,
  readModelGolden,
  readModelTensors,
  strongWeights,
  variablesOf,
  type Variables,
} from '../../../tests/helpers/modelWeights.ts'
import type { ConfigValue } from '../../core/schema.ts'
import * as tf from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import { linearCrossEntropy } from '../kernels/linearCrossEntropy/linearCrossEntropy.ts'
import encoderDecoder from './encoderDecoder.ts'
import { fromHub, layerInHub, renamedInHub, toHub, type HubWeight } from './hubWeights.ts'
import {
  logitsOf,
  outputOf,
  plainPass,
  type ModelOutput,
  type PassSetting,
  type Tokens,
} from './modelInputs.ts'

interface TranslatorCase {
  name: string
  weights: string
  config: Record<string, number>
  inputs: Record<'source' | 'source_mask' | 'target' | 'targets', GoldenTensor>
  expected: {
    rows: GoldenTensor
    logits: GoldenTensor
    loss: number
    gradients: Record<string, GoldenTensor>
  }
}

const { cases } = readModelGolden<{ cases: TranslatorCase[] }>('translator_tiny.json')
const [batchSize, sourceLen, targetLen, vocabSize] = [2, 5, 4, 7]
const ignore = { labelSmoothing: 0, ignoreIndex: -1 }
type Config = Parameters<typeof encoderDecoder.forward>[0]

const configOf = (settings: Record<string, ConfigValue> = {}): Config => {
  const one = { numEncoderLayers: 1, numDecoderLayers: 1, embedDim: 8, numHeads: 2, seqLen: 6 }
  return modelConfig(encoderDecoder, { ...one, ...settings })
}
const sizesOf = (source = vocabSize, target = vocabSize) => ({
  sequencePairs: { source: { vocabSize: source }, target: { vocabSize: target } },
})

function tokensOf(ids: tf.Tensor, mask: tf.Tensor | null = null): Tokens {
  const [rows, seqLen] = ids.shape as [number, number]
  return { ids: tf.reshape(ids, [-1]), batchSize: rows, seqLen, mask: mask as tf.Tensor2D | null }
}

function run(
  config: Config,
  weights: Variables,
  sequencePairs: { source: Tokens; target: Tokens },
  pass: PassSetting = plainPass,
): ModelOutput {
  return encoderDecoder.forward(config, weights, { sequencePairs }, pass)
}

function randomIds(seed: number, seqLen: number): tf.Tensor2D {
  const { ids } = tokensOfBatch(randomBatch({ batchSize, seqLen, vocabSize, seed }))
  return tf.tensor2d(ids, [batchSize, seqLen], 'int32')
}

/** Ours beside the names of torch's layers, with its queries, keys and values of the memory split. */
function torchTable(
  layers: { encoder: number; decoder: number },
  isPre: boolean,
  words: number,
): HubWeight[] {
  const [width, hidden] = [8, 12]
  const ofNorm = (name: string, theirs: string): HubWeight[] =>
    ['weight', 'bias'].map((part) => renamedInHub(`${name}.${part}`, [width], `${theirs}.${part}`))
  const sides = (['encoder', 'decoder'] as const).flatMap((side) => {
    const blocks = Array.from({ length: layers[side] }, (_, i) => {
      const [ours, theirs] = [`${side}.h.${i}.`, `${side}.layers.${i}.`]
      const across = ['q', 'k', 'v'].map((part) => [`${part}_attn`, `${part}_proj`] as const)
      return [
        ...layerInHub(`${ours}attn.c_attn`, [width, 3 * width], [`${theirs}self_attn.in_proj`]),
        ...layerInHub(`${ours}attn.c_proj`, [width, width], [`${theirs}self_attn.out_proj`]),
        ...ofNorm(`${ours}ln_1`, `${theirs}norm1`),
        ...(side === 'encoder'
          ? ofNorm(`${ours}ln_2`, `${theirs}norm2`)
          : [
              ...[...across, ['c_proj', 'out_proj'] as const].flatMap(([part, other]) =>
                layerInHub(
                  `${ours}crossattention.${part}`,
                  [width, width],
                  [`${theirs}multihead_attn.${other}`],
                ),
              ),
              ...ofNorm(`${ours}ln_cross_attn`, `${theirs}norm2`),
              ...ofNorm(`${ours}ln_2`, `${theirs}norm3`),
            ]),
        ...layerInHub(`${ours}mlp.c_fc`, [width, hidden], [`${theirs}linear1`]),
        ...layerInHub(`${ours}mlp.c_proj`, [hidden, width], [`${theirs}linear2`]),
      ]
    })
    return [...blocks.flat(), ...(isPre ? ofNorm(`${side}.ln_f`, `${side}.norm`) : [])]
  })
  return [renamedInHub('shared.wte.weight', [words, width], 'table'), ...sides]
}

await describeOnDevices('encoder and decoder', () => {
  it.each(cases.map((golden) => [golden.name, golden] as const))(
    'equals torch’s layers with one table for source, target and head: %s',
    async (name, { config: sizes, weights: file, inputs, expected }) => {
      const [encoder, decoder] = [sizes['encoder_layers']!, sizes['decoder_layers']!]
      const words = sizes['vocab_size']!
      const config = configOf({
        numEncoderLayers: encoder,
        numDecoderLayers: decoder,
        mlpRatio: sizes['hidden']! / sizes['width']!,
        normPlace: name === 'pre_norm' ? 'pre' : 'post',
      })
      const table = torchTable({ encoder, decoder }, name === 'pre_norm', words)
      const specs = encoderDecoder.parameters(config, sizesOf(words, words))
      const variables = variablesOf(specs, fromHub(table, readModelTensors(file)))
      const pair = {
        source: tokensOf(int32(inputs.source), int32(inputs.source_mask)),
        target: tokensOf(int32(inputs.target)),
      }
      const output = run(config, variables, pair)
      const close = { rtol: 1e-5, atol: 2e-5 }
      expectClose(await outputOf(output, 'rows').data(), values(expected.rows), close, 'rows')
      expectClose(await logitsOf(output).data(), values(expected.logits), close, 'logits')
      const targets = tf.reshape<tf.Rank.R1>(int32(inputs.targets), [-1])
      for (const pass of [plainPass, { ...plainPass, isCheckpointed: true, areLogitsInParts: true }]) {
        const found = await gradientsOf(variables, () => {
          const logits = outputOf(run(config, variables, pair, pass), 'logits')
          return 'table' in logits
            ? linearCrossEntropy(logits.rows, logits.table, targets, ignore)
            : crossEntropy(logits, targets, ignore)
        })
        expectClose([found.loss], [expected.loss], { rtol: 1e-5, atol: 0 }, 'loss')
        const theirs = toHub(table, found.gradients)
        expect([...theirs.keys()].sort()).toEqual(Object.keys(expected.gradients).sort())
        for (const [weight, gradient] of Object.entries(expected.gradients)) {
          const actual = theirs.get(weight)!.data as Float32Array
          expectClose(actual, values(gradient), { rtol: 1e-4, atol: 5e-5 }, weight)
        }
      }
      variables.forEach((variable) => variable.dispose())
    },
  )

  it.each<Record<string, ConfigValue>>([
    {},
    { normPlace: 'post', positions: 'learned', sharing: 'target' },
    { positions: 'rotary', numKeyHeads: 1, hasHeadNorm: true, sharing: 'none' },
    { positions: 'alibi', activation: 'swiglu' },
  ])('does not look ahead in the target, nor at padding of the source: %j', async (settings) => {
    const config = configOf(settings)
    const store = strongWeights(encoderDecoder.parameters(config, sizesOf()), 3)
    const [source, target] = [randomIds(1, sourceLen), randomIds(2, targetLen)]
    const rowsOf = async (from: Tokens, to: tf.Tensor2D): Promise<Float32Array> =>
      (await logitsOf(
        run(config, store.variables, { source: from, target: tokensOf(to) }),
      ).data()) as Float32Array
    const whole = await rowsOf(tokensOf(source), target)
    const [rows, close] = [targetLen * vocabSize, { rtol: 1e-4, atol: 1e-5 }]
    const start = await rowsOf(tokensOf(source), tf.slice(target, [0, 0], [batchSize, 2]))
    expectClose(start.slice(0, 2 * vocabSize), whole.slice(0, 2 * vocabSize), close, 'first places')
    expectClose(start.slice(2 * vocabSize), whole.slice(rows, rows + 2 * vocabSize), close, 'of the second')
    // The first source ends after three tokens: whatever follows, and nothing at all, is the same.
    const mask = tf.tensor2d([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], [batchSize, sourceLen], 'int32')
    const other = tf.where(tf.cast(mask, 'bool'), source, randomIds(5, sourceLen)) as tf.Tensor2D
    const padded = await rowsOf(tokensOf(source, mask), target)
    expectClose(await rowsOf(tokensOf(other, mask), target), padded, close, 'other padding')
    const short = await rowsOf(tokensOf(tf.slice(source, [0, 0], [batchSize, 3])), target)
    expectClose(short.slice(0, rows), padded.slice(0, rows), close, 'without padding')
    expect(Math.max(...padded.slice(0, rows).map((value, i) => Math.abs(value - whole[i]!)))).toBeGreaterThan(
      1e-3,
    )
    store.dispose()
  })
})

describe('encoder and decoder gradients by finite differences', () => {
  it.each([
    [
      'two tables, learned positions, norms after',
      { sharing: 'target', positions: 'learned', normPlace: 'post' },
    ],
    [
      'three tables, one head of keys and values',
      { sharing: 'none', numKeyHeads: 1, isEmbeddingScaled: false },
    ],
    [
      'one table, RMSNorm, SwiGLU, norms of heads',
      { norm: 'rms-norm', activation: 'swiglu', hasHeadNorm: true },
    ],
  ])('%s', async (_name, settings) => {
    await tf.setBackend('cpu')
    // Without corners, which differences would step over.
    const config = configOf({ activation: 'gelu-tanh', ...settings })
    const store = strongWeights(encoderDecoder.parameters(config, sizesOf()), 6)
    const mask = tf.tensor2d([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], [batchSize, sourceLen], 'int32')
    const pair = {
      source: tokensOf(randomIds(1, sourceLen), mask),
      target: tokensOf(randomIds(2, targetLen)),
    }
    const targets = tf.reshape<tf.Rank.R1>(randomIds(3, targetLen), [-1])
    await expectGradients(store.variables, () =>
      crossEntropy(logitsOf(run(config, store.variables, pair)), targets, ignore),
    )
    store.dispose()
  })
})

describe('encoder and decoder weights', () => {
  const tables = (settings: Record<string, ConfigValue>, source = vocabSize, target = vocabSize) =>
    encoderDecoder
      .parameters(configOf(settings), sizesOf(source, target))
      .filter(({ kind }) => kind === 'embedding' || kind === 'head')
      .map(({ name, shape }) => [name, shape[0]])

  it('shares the tables that it says', () => {
    expect(tables({})).toEqual([['shared.wte.weight', 7]])
    expect(tables({ sharing: 'target' }, 9)).toEqual([
      ['encoder.wte.weight', 9],
      ['decoder.wte.weight', 7],
    ])
    expect(tables({ sharing: 'none', positions: 'learned' }, 9)).toEqual([
      ['encoder.wte.weight', 9],
      ['decoder.wte.weight', 7],
      ['lm_head.weight', 7],
      ['encoder.wpe.weight', 6],
      ['decoder.wpe.weight', 6],
    ])
  })

  it('refuses one table for two vocabularies, and sources without targets', () => {
    expect(() => tables({}, 9)).toThrow(/must have one vocabulary, got 9 and 7 tokens/)
    const source = tokensOf(randomIds(1, sourceLen))
    const target = tokensOf(tf.slice(randomIds(1, targetLen), [0, 0], [1, targetLen]))
    expect(() => run(configOf(), new Map(), { source, target })).toThrow(/as many sequences, got 2 and 1/)
  })
})
