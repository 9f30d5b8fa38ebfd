import * as tf from '../../src/engine/backend/tfjs.ts'
import { embedding } from '../../src/engine/kernels/embedding/embedding.ts'
import { bendNames, type Bend } from '../../src/engine/kernels/linear/bends.ts'
import { activations } from '../../src/engine/nn/activation.ts'
import { bend } from '../../src/engine/nn/bend.ts'
import { biasedScores } from '../../src/engine/nn/biasedScores.ts'
import { dense } from '../../src/engine/nn/dense.ts'
import { dropoutOf } from '../../src/engine/nn/dropoutSites.ts'
import { dropUnits } from '../../src/engine/nn/dropUnits.ts'
import { feedForward } from '../../src/engine/nn/feedForward.ts'
import { frozenRow } from '../../src/engine/nn/frozenRow.ts'
import { loraDense, mergedLora } from '../../src/engine/nn/loraDense.ts'
import { forkNorm, norm, type NormKind } from '../../src/engine/nn/norm.ts'
import { patchTokens } from '../../src/engine/nn/patchTokens.ts'
import { sinusoidalGrid, sinusoidalTable } from '../../src/engine/nn/sinusoidal.ts'
import type { LayerCase, LayerInput, LayerPass } from '../helpers/layerCase.ts'
import { attentionCases } from './attentionCases.ts'
import { embedDim, seqLen, tokens, weightsNamed } from './layerSizes.ts'

const x = tokens(seqLen, embedDim)
const keysOf = <K extends string>(record: Readonly<Record<K, unknown>>) => Object.keys(record) as K[]

const activationCases = keysOf(activations).map((kind): LayerCase => ({
  layer: 'activation',
  options: kind,
  inputs: { x },
  weights: [],
  run: ({ rows }) => activations[kind](rows('x')),
}))

const bends = keysOf<Bend>(bendNames)
const bendCases = bends.map((kind): LayerCase => ({
  layer: 'bend',
  options: kind,
  inputs: { x },
  weights: [],
  run: ({ rows }) => bend(rows('x'), kind),
}))

const feedForwardCases = (['swiglu', ...bends] as const).map((activation): LayerCase => ({
  layer: 'feedForward',
  options: activation === 'swiglu' ? 'swiglu, dropout and a residual' : activation,
  inputs: { x },
  weights: weightsNamed('mlp.', { activation }),
  isDrawn: activation === 'swiglu',
  isOnGpu: activation === 'swiglu',
  run: ({ rows, weights, drawAt }) =>
    feedForward(rows('x'), weights, {
      name: 'mlp.',
      activation,
      dropoutAt: dropoutOf(drawAt, activation === 'swiglu' ? 0.3 : 0),
      residual: activation === 'swiglu' ? rows('x') : null,
    }),
}))

const outDim = 6
const matrix = { name: 'a.weight', shape: [embedDim, outDim] }
const bias = { name: 'a.bias', shape: [outDim] }
const denseCases: LayerCase[] = [
  {
    layer: 'dense',
    options: 'with a bias',
    inputs: { x },
    weights: [matrix, bias],
    run: ({ rows, weights }) => dense(rows('x'), weights, 'a'),
  },
  {
    layer: 'dense',
    options: 'without a bias, with an activation, dropout and a residual',
    inputs: { x, residual: tokens(seqLen, outDim) },
    weights: [matrix],
    isDrawn: true,
    run: ({ rows, weights, drawAt }) =>
      dense(rows('x'), weights, 'a', {
        activation: 'gelu-tanh',
        residual: rows('residual'),
        dropout: drawAt('a', 0.3),
      }),
  },
  {
    layer: 'dropUnits',
    options: 'some units',
    inputs: { x },
    weights: [],
    isDrawn: true,
    run: ({ rows, drawAt }) => dropUnits(rows('x'), drawAt('units', 0.4)),
  },
  {
    layer: 'dropUnits',
    options: 'none',
    inputs: { x },
    weights: [],
    // A gradient is asked of something that is made.
    run: ({ rows, drawAt }) => tf.mul(dropUnits(rows('x'), drawAt('units', 0)), 2),
  },
]

const adapter = [
  { name: 'a.lora_A.weight', shape: [embedDim, 2] },
  { name: 'a.lora_B.weight', shape: [2, outDim] },
]
const loraCases = [true, false].flatMap((isRankStabilised): LayerCase[] => {
  const own = { layer: 'loraDense', inputs: { x }, weights: [matrix, bias, ...adapter] }
  const kind = isRankStabilised ? 'rank-stabilised' : 'by rank'
  const options = { alpha: 3, isRankStabilised }
  return [
    {
      ...own,
      options: `beside the layer, ${kind}`,
      run: ({ rows, weights }) => loraDense(rows('x'), weights, 'a', options),
    },
    {
      ...own,
      options: `merged, ${kind}`,
      weights: [matrix, ...adapter],
      run: ({ rows, weights }) => tf.matMul(rows('x'), mergedLora(weights, 'a', options)),
    },
  ]
})

/** A kind that is added is missed by the compiler. */
const normKinds: Readonly<Record<NormKind, true>> = { 'layer-norm': true, 'rms-norm': true }
const normCases = keysOf(normKinds).flatMap((kind): LayerCase[] => {
  const hasBias = kind === 'layer-norm'
  const weights = [
    { name: 'n.weight', shape: [embedDim] },
    ...(hasBias ? [{ name: 'n.bias', shape: [embedDim] }] : []),
  ]
  const options = { name: 'n', kind, epsilon: 1e-5 }
  const own = { layer: 'norm', inputs: { x }, weights }
  return [
    { ...own, options: kind, run: ({ rows, weights: given }) => norm(rows('x'), given, options) },
    {
      ...own,
      options: `${kind}, forked`,
      isOnGpu: hasBias,
      run: ({ rows, weights: given }) => {
        const [same, calm] = forkNorm(rows('x'), given, options)
        return tf.add(tf.mul(same, 0.5), calm)
      },
    },
  ]
})

const vocabSize = 5
const ids: LayerInput = { shape: [seqLen], whole: (sample, place) => (sample + 2 * place) % vocabSize }
const table = { name: 'table.weight', shape: [vocabSize, embedDim] }
const padding = 2
const rowMask = Array.from({ length: vocabSize }, (_, row) => (row === padding ? 0 : 1))
const tableCases: LayerCase[] = [
  {
    layer: 'frozenRow',
    options: 'of a table that is looked up',
    inputs: { ids },
    weights: [table],
    run: ({ input, weights }) =>
      embedding(frozenRow(weights.get(table.name) as tf.Tensor2D, padding), input('ids') as tf.Tensor1D),
    // The row as a constant: what it is makes no difference to the slopes of the others.
    sloped: ({ input, weights }) =>
      tf.gather(tf.mul(weights.get(table.name)!, tf.tensor2d(rowMask, [vocabSize, 1])), input('ids')),
  },
  {
    layer: 'biasedScores',
    options: 'of a table and its bias',
    inputs: { x },
    weights: [table, { name: 'table.bias', shape: [vocabSize] }],
    run: ({ rows, weights }) => {
      const all = biasedScores(
        rows('x'),
        weights.get('table.weight') as tf.Tensor2D,
        weights.get('table.bias') as tf.Tensor1D,
      )
      return tf.matMul(all.rows, all.table, false, true)
    },
  },
]

const patches = { name: 'projection.weight', shape: [8, embedDim] }
const places = { name: 'position_embeddings', shape: [5, embedDim] }
const pictures: LayerInput = { shape: [1, 4, 4, 2] }
const patchCase = (
  options: string,
  weights: LayerCase['weights'],
  positionsOf: (pass: LayerPass) => tf.Tensor2D | null,
): LayerCase => ({
  layer: 'patchTokens',
  options,
  inputs: { pictures },
  weights: [patches, { name: 'projection.bias', shape: [embedDim] }, ...weights],
  run: (pass) =>
    patchTokens(pass.input('pictures') as tf.Tensor4D, pass.weights, {
      name: '',
      patchSize: 2,
      hasClassToken: pass.weights.get('cls_token') !== undefined,
      hasRegisters: pass.weights.get('register_tokens') !== undefined,
      positions: positionsOf(pass),
    }),
})
const classToken = { name: 'cls_token', shape: [1, embedDim] }
const registers = { name: 'register_tokens', shape: [2, embedDim] }
const patchCases: LayerCase[] = [
  {
    ...patchCase(
      'class token, registers and learned positions',
      [classToken, registers, places],
      ({ weights }) => weights.get(places.name) as tf.Tensor2D,
    ),
    isOnGpu: true,
  },
  patchCase('fixed positions of a grid', [], () =>
    tf.tensor2d(sinusoidalGrid(2, 2, embedDim), [4, embedDim]),
  ),
  patchCase('fixed positions in a line', [classToken], () => {
    const options = { base: 10_000, firstPosition: 0, style: 'interleaved' } as const
    return tf.tensor2d(sinusoidalTable(5, embedDim, options), [5, embedDim])
  }),
  patchCase('no positions', [classToken], () => null),
]

export const layerCases: readonly LayerCase[] = [
  ...activationCases,
  ...bendCases,
  ...feedForwardCases,
  ...denseCases,
  ...loraCases,
  ...normCases,
  ...tableCases,
  ...patchCases,
  ...attentionCases,
]
