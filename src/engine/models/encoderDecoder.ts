import { ConfigError, ShapeError } from '../../core/errors.ts'
import type { InferFields, Issue } from '../../core/schema.ts'
import { gather, mul, slice, type Tensor1D, type Tensor2D, type Tensor3D } from '../backend/tfjs.ts'
import { embedding } from '../kernels/embedding/embedding.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { tokenSequence } from '../kernels/tokenSequence/tokenSequence.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { spread } from '../nn/initialization.ts'
import { norm } from '../nn/norm.ts'
import { matrixOf, type Init, type ParameterSpec, type Weights } from '../nn/parameter.ts'
import type { KeyValueCache } from '../nn/keyValueCache.ts'
import { normParameters, type BlockMemory } from '../nn/transformerBlock.ts'
import { defineModel } from './defineModel.ts'
import { encoderDecoderFields } from './encoderDecoderFields.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf, Tokens } from './modelInputs.ts'
import { headIssues, positionIssues } from './transformer/headIssues.ts'
import { runStack, stackCaches, stackParameters, type Stack } from './transformer/stack.ts'
import { checkTokens, placeTable } from './transformer/tokenRows.ts'

/**
 * The first transformer (Vaswani et al. 2017): an encoder reads the source in both directions, a decoder says what comes
 * next in the target from what stands before it and from all of the source. Source, target and head share one table of
 * vectors, or two of them do, or none. With norms before parts there is one at the end of each side.
 */
type EncoderDecoder = InferFields<typeof encoderDecoderFields>
type Side = 'encoder' | 'decoder'

const head = 'lm_head.weight'

function tableOf({ sharing }: EncoderDecoder, part: Side | 'head'): string {
  if (sharing === 'all') return 'shared.wte.weight'
  if (part === 'head') return sharing === 'target' ? 'decoder.wte.weight' : head
  return `${part}.wte.weight`
}

function stackOf(config: EncoderDecoder, side: Side): Stack {
  const isDecoder = side === 'decoder'
  const numLayers = isDecoder ? config.numDecoderLayers : config.numEncoderLayers
  return {
    settings: { ...config, numLayers },
    prefixOf: (layer) => `${side}.h.${layer}.`,
    isCausal: isDecoder,
    memoryDim: isDecoder ? config.embedDim : null,
  }
}

function check(config: EncoderDecoder): Issue[] {
  const issues = headIssues(config)
  return issues.length > 0 ? issues : positionIssues(config.positions, config)
}

/** @throws ConfigError `shared-vocabulary` where source and target share a table and differ in their vocabularies */
function parameters(config: EncoderDecoder, { source, target }: SizesOf<'sequencePairs'>): ParameterSpec[] {
  const { embedDim: width, seqLen, sharing } = config
  if (sharing === 'all' && source.vocabSize !== target.vocabSize) {
    throw new ConfigError(
      `Encoder-decoder: a table that source and target share must have one vocabulary, got ${source.vocabSize} and ${target.vocabSize} tokens`,
      { code: 'shared-vocabulary', remedy: 'Use one tokenizer for both, or share only target and head.' },
    )
  }
  // So that vectors have variance 1 when they are multiplied, and scores of a shared table too.
  const scaled: Init = { kind: 'normal', standardDeviation: 1 / Math.sqrt(width) }
  const init = config.isEmbeddingScaled ? scaled : spread
  const table = (name: string, rows: number, first: Init): ParameterSpec => {
    return { name, shape: [rows, width], kind: name === head ? 'head' : 'embedding', init: first }
  }
  const words = new Map<string, number>([
    [tableOf(config, 'encoder'), source.vocabSize],
    [tableOf(config, 'decoder'), target.vocabSize],
    [tableOf(config, 'head'), target.vocabSize],
  ])
  const sides = (['encoder', 'decoder'] as const).flatMap((side) => [
    ...(config.positions === 'learned' ? [table(`${side}.wpe.weight`, seqLen, spread)] : []),
    ...stackParameters(stackOf(config, side)),
    ...(config.normPlace === 'pre' ? normParameters(`${side}.ln_f`, width, config) : []),
  ])
  return [...[...words].map(([name, rows]) => table(name, rows, init)), ...sides]
}

/** Token vectors and their places, which is `row` [1] where each sequence has one token: [B*T, D]. */
function embed(
  config: EncoderDecoder,
  weights: Weights,
  side: Side,
  { tokens: { ids, batchSize, seqLen }, row }: { tokens: Tokens; row: Tensor1D | null },
): Tensor2D {
  const { embedDim: width, isEmbeddingScaled } = config
  const vectors = embedding(matrixOf(weights, tableOf(config, side)), ids)
  const x = isEmbeddingScaled ? mul<Tensor2D>(vectors, Math.sqrt(width)) : vectors
  const places = placeTable(config, weights, `${side}.wpe.weight`)
  if (places === null) return x
  const positions = row === null ? slice(places, [0, 0], [seqLen, width]) : gather(places, row)
  return tokenSequence({ x, batchSize, prefix: null, positions })
}

/** One side's rows [B*T, D]. */
function runSide(
  config: EncoderDecoder,
  weights: Weights,
  {
    side,
    tokens,
    pass,
    memory = null,
    cache = null,
  }: {
    side: Side
    tokens: Tokens
    pass: PassSetting
    memory?: BlockMemory | null
    cache?: KeyValueCache | null
  },
): Tensor2D {
  checkTokens(`Encoder-decoder, ${side}`, tokens, config.seqLen)
  const embedded = embed(config, weights, side, { tokens, row: cache?.row ?? null })
  const x = dropUnits(embedded, pass.drawAt(`${side}.embedding`, config.dropoutRate))
  const { batchSize, mask } = tokens
  const rows = runStack(x, weights, stackOf(config, side), {
    batchSize,
    keyMask: mask,
    memory,
    cache,
    ...pass,
  })
  if (config.normPlace === 'post') return rows
  return norm(rows, weights, { name: `${side}.ln_f`, kind: config.norm, epsilon: config.normEpsilon })
}

/** @throws ShapeError `batch-size` where source and target are not as many */
function forward(
  config: EncoderDecoder,
  weights: Weights,
  { source, target, cache = null }: InputOf<'sequencePairs'>,
  pass: PassSetting,
): ModelOutput {
  if (source.batchSize !== target.batchSize) {
    throw new ShapeError(
      `Encoder-decoder: source and target must be as many sequences, got ${source.batchSize} and ${target.batchSize}`,
      { code: 'batch-size' },
    )
  }
  const read = cache?.row ? null : runSide(config, weights, { side: 'encoder', tokens: source, pass })
  // What the last layer looked at stays.
  const seen: Tensor3D[] = []
  const onWeights = (shares: Tensor3D) => seen.splice(0, 1, shares)
  const memory = { rows: read, keyMask: source.mask, ...(pass.isAttentionSeen && { onWeights }) }
  const rows = runSide(config, weights, { side: 'decoder', tokens: target, pass, memory, cache })
  const table = matrixOf(weights, tableOf(config, 'head'))
  const logits = pass.areLogitsInParts ? { rows, table } : rowScores(rows, table) // [B*T, V]
  return { rows, logits, ...(seen.length > 0 && { attention: seen[0]! }) }
}

export default defineModel({
  id: 'encoder-decoder',
  title: 'Encoder and decoder',
  summary: 'Two transformers that turn one text into another, as in translation.',
  link: 'https://arxiv.org/abs/1706.03762',
  accepts: 'sequencePairs',
  towers: ['encoder.', 'decoder.'],
  fields: encoderDecoderFields,
  tiny: { numEncoderLayers: 1, numDecoderLayers: 1, numHeads: 2, embedDim: 16, seqLen: 8 },
  seqLen: ({ seqLen }) => seqLen,
  check,
  parameters,
  forward,
  caches: (config, sizes) => stackCaches(stackOf(config, 'decoder'), sizes),
})
