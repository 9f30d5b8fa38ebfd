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
import encoder from './encoder.ts'
import { fromHub, toHub } from './hubWeights.ts'
import {
  logitsOf,
  outputOf,
  plainPass,
  type Head,
  type ModelOutput,
  type PassSetting,
} from './modelInputs.ts'

interface BertCase {
  config: Record<string, number>
  inputs: Record<'input_ids' | 'attention_mask' | 'targets' | 'pooled_cotangent', GoldenTensor>
  expected: {
    last_hidden_state: GoldenTensor
    pooler_output: GoldenTensor
    logits: GoldenTensor
    class_logits: GoldenTensor
    loss: number
    gradients: Record<string, GoldenTensor>
  }
}

const golden = readModelGolden<{ cases: [BertCase] }>('bert_tiny.json').cases[0]
const [batchSize, seqLen, vocabSize] = [3, 6, 7]
const tokensHead: Head = { kind: 'tokens' }
const noHead: Head = { kind: 'none' }
const threeClasses: Head = { kind: 'classes', count: 3 }
const twoClasses: Head = { kind: 'classes', count: 2 }

const configOf = (settings: Record<string, ConfigValue> = {}) =>
  modelConfig(encoder, { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 7, ...settings })
const bertConfig = () => {
  const { config } = golden
  return configOf({
    numLayers: config['num_hidden_layers']!,
    numHeads: config['num_attention_heads']!,
    embedDim: config['hidden_size']!,
    seqLen: config['max_position_embeddings']!,
    mlpRatio: config['intermediate_size']! / config['hidden_size']!,
    numTokenTypes: config['type_vocab_size']!,
    hasPooledLayer: true,
  })
}
const sizesOf = (head: Head, words = vocabSize) => ({ tokens: { vocabSize: words, head } })
const ignore = { labelSmoothing: 0, ignoreIndex: -1 }

function run(
  config: ReturnType<typeof configOf>,
  weights: Variables,
  {
    ids,
    mask = null,
    onlyRow = null,
  }: { ids: tf.Tensor; mask?: tf.Tensor | null; onlyRow?: tf.Tensor1D | null },
  pass: PassSetting = plainPass,
): ModelOutput {
  const [rows, length] = ids.shape as [number, number]
  const tokens = { ids: tf.reshape<tf.Rank.R1>(ids, [-1]), batchSize: rows, seqLen: length, onlyRow }
  return encoder.forward(config, weights, { tokens: { ...tokens, mask: mask as tf.Tensor2D | null } }, pass)
}

const randomIds = (seed: number, length = seqLen): tf.Tensor =>
  tf.tensor2d(
    tokensOfBatch(randomBatch({ batchSize, seqLen: length, vocabSize, seed })).ids,
    [batchSize, length],
    'int32',
  )
/** The second text ends after four tokens. */
const padding = (): tf.Tensor2D =>
  tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1], [batchSize, seqLen], 'int32')

await describeOnDevices('encoder', () => {
  it('equals Hugging Face’s BERT, read through its table: vectors, scores, gradients', async () => {
    const config = bertConfig()
    const hub = readModelTensors('bert_tiny.safetensors')
    const words = golden.config['vocab_size']!
    const heads = [noHead, tokensHead, threeClasses]
    const tables = heads.map((head) => encoder.hubTable(config, sizesOf(head, words))!)
    const specs = heads.map((head) => encoder.parameters(config, sizesOf(head, words)))
    const all = [...new Map(specs.flat().map((spec) => [spec.name, spec])).values()]
    const ours = fromHub([...new Map(tables.flat().map((entry) => [entry.name, entry])).values()], hub)
    expect([...ours.keys()].sort()).toEqual(all.map(({ name }) => name).sort())
    const variables = variablesOf(all, ours)
    const part = (list: readonly { name: string }[]): Variables =>
      new Map(list.map(({ name }) => [name, variables.get(name)!]))
    const [forVectors, forScores, forClasses] = [part(specs[0]!), part(specs[1]!), part(specs[2]!)]
    const input = { ids: int32(golden.inputs.input_ids), mask: int32(golden.inputs.attention_mask) }
    const cotangent = tf.tensor(values(golden.inputs.pooled_cotangent), [3, 8])
    const loss = (pass: PassSetting): tf.Scalar => {
      const pooled = outputOf(run(config, forVectors, input, pass), 'pooled')
      const logits = outputOf(run(config, forScores, input, pass), 'logits')
      const targets = tf.reshape<tf.Rank.R1>(int32(golden.inputs.targets), [-1])
      const ofWords =
        'table' in logits
          ? linearCrossEntropy(logits.rows, logits.table, targets, ignore)
          : crossEntropy(logits, targets, ignore)
      return tf.add(ofWords, tf.sum(tf.mul(pooled, cotangent)))
    }
    const { expected } = golden
    const isReal = values(golden.inputs.attention_mask)
    /** Rows of tokens that are there. */
    const real = (flat: ArrayLike<number>, width: number): number[] =>
      isReal.flatMap((there, i) => (there === 1 ? Array.from(flat).slice(i * width, (i + 1) * width) : []))
    const close = { rtol: 1e-5, atol: 1e-5 }
    const vectors = run(config, forVectors, input)
    const rows = await outputOf(vectors, 'rows').data()
    expectClose(real(rows, 8), real(values(expected.last_hidden_state), 8), close, 'rows')
    expectClose(await outputOf(vectors, 'pooled').data(), values(expected.pooler_output), close, 'pooled')
    const logits = await logitsOf(run(config, forScores, input)).data()
    expectClose(
      real(logits, words),
      real(values(expected.logits), words),
      { rtol: 1e-5, atol: 3e-5 },
      'logits',
    )
    const classes = await logitsOf(run(config, forClasses, input)).data()
    expectClose(classes, values(expected.class_logits), close, 'classes')
    const fifth = { ...input, onlyRow: tf.tensor1d([4], 'int32') }
    const only = await logitsOf(run(config, forScores, fifth)).data()
    expectClose(only, logits.slice(4 * words, 5 * words), { rtol: 1e-5, atol: 1e-6 }, 'one row')
    const table = [
      ...new Map(
        tables
          .slice(0, 2)
          .flat()
          .map((entry) => [entry.name, entry]),
      ).values(),
    ]
    for (const pass of [plainPass, { ...plainPass, isCheckpointed: true, areLogitsInParts: true }]) {
      const found = await gradientsOf(part([...specs[0]!, ...specs[1]!]), () => loss(pass))
      expectClose([found.loss], [expected.loss], { rtol: 1e-5, atol: 0 }, 'loss')
      const theirs = toHub(table, found.gradients)
      for (const [name, gradient] of Object.entries(expected.gradients)) {
        expectClose(
          theirs.get(name)!.data as Float32Array,
          values(gradient),
          { rtol: 1e-4, atol: 5e-5 },
          name,
        )
      }
    }
    variables.forEach((variable) => variable.dispose())
  })

  it.each<Record<string, ConfigValue>>([
    { pooling: 'mean' },
    { pooling: 'attention', positions: 'alibi', normPlace: 'pre' },
    { pooling: 'class-token', positions: 'rotary', numKeyHeads: 1 },
  ])('gives a text the same vectors whatever stands in its padding: %j', async (settings) => {
    const config = configOf(settings)
    const store = strongWeights(encoder.parameters(config, sizesOf(twoClasses)), 3)
    const outputs = [1, 2].map((seed) => {
      // The same texts with other tokens where there is padding.
      const mask = padding()
      const ids = tf.where(tf.cast(mask, 'bool'), randomIds(1), randomIds(seed))
      return run(config, store.variables, { ids, mask })
    })
    const [first, second] = await Promise.all(outputs.map((output) => outputOf(output, 'pooled').data()))
    expectClose(second!, first!, { rtol: 1e-5, atol: 1e-6 })
    const [logits, others] = await Promise.all(outputs.map((output) => logitsOf(output).data()))
    expect(logits).toHaveLength(batchSize * 2)
    expectClose(others!, logits!, { rtol: 1e-5, atol: 1e-6 })
    // And as one without padding that is so short.
    const short = tf.slice(randomIds(1), [0, 0], [batchSize, 4])
    const alone = await outputOf(run(config, store.variables, { ids: short }), 'pooled').data()
    expectClose(alone.slice(8, 16), first!.slice(8, 16), { rtol: 1e-4, atol: 1e-5 })
    store.dispose()
  })

  it('reads in both directions, and gives texts in another order their vectors in that order', async () => {
    const config = configOf()
    const store = strongWeights(encoder.parameters(config, sizesOf(noHead)), 3)
    const ids = randomIds(1)
    const rowsOf = (tokens: tf.Tensor) =>
      outputOf(run(config, store.variables, { ids: tokens }), 'rows').data()
    const rows = await rowsOf(ids)
    const turned = await rowsOf(tf.reverse(ids, 0))
    const length = seqLen * 8
    expectClose(turned.slice(0, length), rows.slice(2 * length), { rtol: 1e-5, atol: 1e-6 })
    const last = tf.concat([tf.slice(ids, [0, 0], [3, 5]), tf.slice(randomIds(9), [0, 5], [3, 1])], 1)
    const changed = await rowsOf(last)
    const away = Math.max(...changed.slice(0, 8).map((value, i) => Math.abs(value - rows[i]!)))
    expect(away).toBeGreaterThan(1e-3)
    store.dispose()
  })
})

describe('encoder gradients by finite differences', () => {
  const variants: [string, Record<string, ConfigValue>, Head][] = [
    ['BERT with its head for hidden tokens', { numTokenTypes: 2 }, tokensHead],
    [
      'untied, norms before parts, SwiGLU',
      { normPlace: 'pre', activation: 'swiglu', isHeadTied: false },
      tokensHead,
    ],
    [
      'attention pooling, a pooled layer, classes',
      { pooling: 'attention', hasPooledLayer: true },
      twoClasses,
    ],
    [
      'mean, no head, RMSNorm, no biases',
      { pooling: 'mean', norm: 'rms-norm', hasBias: false, normPlace: 'pre' },
      noHead,
    ],
  ]
  it.each(variants)('%s', async (_name, settings, head) => {
    await tf.setBackend('cpu')
    const config = configOf(settings)
    const store = strongWeights(encoder.parameters(config, sizesOf(head)), 5)
    const [ids, mask] = [randomIds(2), padding()]
    const { targets: own } = tokensOfBatch(randomBatch({ batchSize, seqLen, vocabSize, seed: 3 }))
    const targets = tf.tensor1d(own, 'int32')
    await expectGradients(store.variables, () => {
      const output = run(config, store.variables, { ids, mask })
      const logits = head.kind === 'none' ? outputOf(output, 'pooled') : logitsOf(output)
      const wanted = head.kind === 'tokens' ? targets : tf.tensor1d([0, 1, 1], 'int32')
      return crossEntropy(logits, wanted, ignore)
    })
    store.dispose()
  })
})

describe('encoder on the hub', () => {
  it('reads files without a head, old names of norms, and leaves out what has no place here', () => {
    expect(encoder.importName('encoder.layer.3.output.LayerNorm.gamma')).toBe(
      'bert.encoder.layer.3.output.LayerNorm.weight',
    )
    expect(encoder.importName('embeddings.word_embeddings.weight')).toBe(
      'bert.embeddings.word_embeddings.weight',
    )
    expect(encoder.importName('bert.embeddings.LayerNorm.beta')).toBe('bert.embeddings.LayerNorm.bias')
    expect(encoder.importName('pooler.dense.bias')).toBe('bert.pooler.dense.bias')
    expect(encoder.importName('embeddings.position_ids')).toBeNull()
    expect(encoder.importName('cls.seq_relationship.weight')).toBeNull()
    for (const head of [noHead, twoClasses, tokensHead]) {
      encoder
        .parameters(configOf({ pooling: 'attention', hasPooledLayer: true }), sizesOf(head))
        .forEach(({ name }) => expect(encoder.importName(name)).toBe(name))
    }
  })

  it('has a table of every weight with its shape, where BERT has such a model', () => {
    for (const head of [noHead, twoClasses, tokensHead]) {
      for (const isHeadTied of [true, false]) {
        const config = configOf({ numTokenTypes: 2, hasPooledLayer: true, isHeadTied })
        const table = encoder.hubTable(config, sizesOf(head))!.map(({ name, shape }) => ({ name, shape }))
        const own = encoder.parameters(config, sizesOf(head)).map(({ name, shape }) => ({ name, shape }))
        const sorted = (list: typeof table) => list.toSorted((a, b) => (a.name! < b.name! ? -1 : 1))
        expect(sorted(table)).toEqual(sorted(own))
      }
    }
    const withoutTypes = encoder.hubTable(configOf({ numTokenTypes: 0 }), sizesOf(noHead))!
    expect(withoutTypes.filter(({ name }) => name === null)).toEqual([
      {
        name: null,
        shape: [1, 8],
        hub: [{ name: 'bert.embeddings.token_type_embeddings.weight', shape: [1, 8] }],
        layout: 'same',
      },
    ])
    expect(encoder.hubTable(configOf({ numTokenTypes: 2, normPlace: 'pre' }), sizesOf(noHead))).toBeNull()
    expect(encoder.hubTable(configOf({ numTokenTypes: 2, pooling: 'mean' }), sizesOf(twoClasses))).toBeNull()
  })
})
