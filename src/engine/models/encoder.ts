import type { InferFields, Issue } from '../../core/schema.ts'
import { add, gather, slice, tanh, zeros, type Rank, type Tensor2D } from '../backend/tfjs.ts'
import { tokenAndPositionEmbedding } from '../kernels/embedding/embedding.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { biasedScores } from '../nn/biasedScores.ts'
import { dense } from '../nn/dense.ts'
import { dropoutOf } from '../nn/dropoutSites.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { initsOf, spread, zeroInit } from '../nn/initialization.ts'
import { norm } from '../nn/norm.ts'
import { matrixOf, vectorOf, type ParameterSpec, type Weights } from '../nn/parameter.ts'
import { poolParameters, poolTokens } from '../nn/poolTokens.ts'
import { denseParameters, normParameters } from '../nn/transformerBlock.ts'
import { defineModel } from './defineModel.ts'
import { encoderFields } from './encoderFields.ts'
import { bertInHub } from './hub/bertInHub.ts'
import { absentInHub, layerInHub, renamedInHub, type HubWeight } from './hubWeights.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf } from './modelInputs.ts'
import { headIssues, positionIssues } from './transformer/headIssues.ts'
import { hiddenDimOf, runStack, stackParameters, type Stack } from './transformer/stack.ts'
import { checkTokens, placeTable } from './transformer/tokenRows.ts'

/**
 * A transformer that reads a text in both directions, as BERT (Devlin et al. 2019), whose choices are the defaults: norms
 * after each part, one of the sum of embeddings. With norms before parts there is one at the end in its place. What it
 * gives goes by the head: vectors of tokens and of the text, scores of classes, or of hidden tokens.
 */
type Encoder = InferFields<typeof encoderFields>

const words = 'embeddings.wte.weight'
const places = 'embeddings.wpe.weight'
const kinds = 'embeddings.wtt.weight'
const embeddingNorm = 'embeddings.ln'
const blockPrefix = (layer: number) => `h.${layer}.`
const finalNorm = 'ln_f'
const pool = 'pool.'
const pooledLayer = 'pooled'
const classHead = 'classes'
/** BERT's head for hidden tokens: a layer with the model's activation, a norm, the table of words and an offset each. */
const wordLayer = 'words.c_fc'
const wordNorm = 'words.ln'
const wordTable = 'words.decoder.weight'
const wordBias = 'words.decoder.bias'

function stackOf(settings: Encoder): Stack {
  return { settings, prefixOf: blockPrefix, isCausal: false, memoryDim: null }
}

function check(config: Encoder): Issue[] {
  const issues = headIssues(config)
  return issues.length > 0 ? issues : positionIssues(config.positions, config)
}

function parameters(config: Encoder, { vocabSize, head }: SizesOf<'tokens'>): ParameterSpec[] {
  const { embedDim: width, seqLen, numTokenTypes, hasBias } = config
  const table = (name: string, rows: number): ParameterSpec => {
    return { name, shape: [rows, width], kind: 'embedding', init: spread }
  }
  const { matrix: init } = initsOf(config.initialization, 2 * config.numLayers)
  const layer = (name: string): ParameterSpec[] => denseParameters(name, [width, width], { init, hasBias })
  const pooling = [
    ...(config.pooling === 'attention' ? poolParameters(pool, width, { init, hasBias }) : []),
    ...(config.hasPooledLayer ? layer(pooledLayer) : []),
  ]
  const ofHead = (): ParameterSpec[] => {
    switch (head.kind) {
      case 'none':
        return pooling
      case 'classes':
        return [
          ...pooling,
          { name: `${classHead}.weight`, shape: [width, head.count], kind: 'head', init },
          { name: `${classHead}.bias`, shape: [head.count], kind: 'vector', init: zeroInit },
        ]
      case 'tokens':
        return [
          ...layer(wordLayer),
          ...normParameters(wordNorm, width, config),
          ...(config.isHeadTied
            ? []
            : [{ name: wordTable, shape: [vocabSize, width], kind: 'head', init: spread } as const]),
          { name: wordBias, shape: [vocabSize], kind: 'vector', init: zeroInit },
        ]
    }
  }
  return [
    table(words, vocabSize),
    ...(config.positions === 'learned' ? [table(places, seqLen)] : []),
    ...(numTokenTypes > 0 ? [table(kinds, numTokenTypes)] : []),
    ...(config.normPlace === 'post' ? normParameters(embeddingNorm, width, config) : []),
    ...stackParameters(stackOf(config)),
    ...(config.normPlace === 'pre' ? normParameters(finalNorm, width, config) : []),
    ...ofHead(),
  ]
}

/** What is added to every word: its place, and the kind of segment, of which all are the first. [seqLen, D] or null. */
function addedTo(config: Encoder, weights: Weights): Tensor2D | null {
  const { seqLen, embedDim, numTokenTypes } = config
  const ofPlace = placeTable(config, weights, places)
  if (numTokenTypes === 0) return ofPlace
  const first = slice(matrixOf(weights, kinds), [0, 0], [1, embedDim])
  return add(ofPlace ?? zeros<Rank.R2>([seqLen, embedDim]), first)
}

/** [B*T, D] */
function encode(config: Encoder, weights: Weights, input: InputOf<'tokens'>, pass: PassSetting): Tensor2D {
  const { ids, batchSize, seqLen, mask } = input
  checkTokens('Encoder', input, config.seqLen)
  const sum = tokenAndPositionEmbedding(matrixOf(weights, words), addedTo(config, weights), ids, seqLen)
  const ofKind = { kind: config.norm, epsilon: config.normEpsilon }
  const isPost = config.normPlace === 'post'
  const calm = isPost ? norm(sum, weights, { name: embeddingNorm, ...ofKind }) : sum
  const x = dropUnits(calm, pass.drawAt('embeddings', config.dropoutRate))
  const rows = runStack(x, weights, stackOf(config), { batchSize, keyMask: mask, memory: null, ...pass })
  return isPost ? rows : norm(rows, weights, { name: finalNorm, ...ofKind })
}

/** [B, D] */
function pooledOf(
  config: Encoder,
  weights: Weights,
  { rows, input, pass }: { rows: Tensor2D; input: InputOf<'tokens'>; pass: PassSetting },
): Tensor2D {
  const { pooling, numHeads, dropoutRate, hasPooledLayer } = config
  const { batchSize, mask } = input
  const dropoutAt = dropoutOf(pass.drawAt, dropoutRate)
  const pooled = poolTokens(rows, weights, { pooling, name: pool, batchSize, numHeads, mask, dropoutAt })
  return hasPooledLayer ? tanh(dense(pooled, weights, pooledLayer)) : pooled
}

/** Scores of every word for rows [N, D]. */
function wordScores(
  config: Encoder,
  weights: Weights,
  x: Tensor2D,
  pass: PassSetting,
): ModelOutput['logits'] {
  // A head has no gate.
  const activation = config.activation === 'swiglu' ? 'silu' : config.activation
  const bent = dense(x, weights, wordLayer, { activation })
  const calm = norm(bent, weights, { name: wordNorm, kind: config.norm, epsilon: config.normEpsilon })
  const table = matrixOf(weights, config.isHeadTied ? words : wordTable)
  const parts = biasedScores(calm, table, vectorOf(weights, wordBias)!)
  return pass.areLogitsInParts ? parts : rowScores(parts.rows, parts.table)
}

/** What its weights can give: see `Head`. */
function forward(
  config: Encoder,
  weights: Weights,
  input: InputOf<'tokens'>,
  pass: PassSetting,
): ModelOutput {
  const rows = encode(config, weights, input, pass)
  if (weights.get(wordBias) !== undefined) {
    const scored = input.onlyRow === null ? rows : gather(rows, input.onlyRow) // [1, D]
    return { rows, logits: wordScores(config, weights, scored, pass) }
  }
  const pooled = pooledOf(config, weights, { rows, input, pass })
  if (weights.get(`${classHead}.weight`) === undefined) return { rows, pooled }
  const kept = dropUnits(pooled, pass.drawAt('classes', config.dropoutRate))
  return { rows, pooled, logits: dense(kept, weights, classHead) }
}

/** BertModel, BertForSequenceClassification or BertForMaskedLM, under the names of a file with a head. */
function hubTable(config: Encoder, sizes: SizesOf<'tokens'>): HubWeight[] {
  const { embedDim: width, hasPooledLayer, numTokenTypes } = config
  const { head, vocabSize } = sizes
  const ofNorm = (name: string, theirs: string): HubWeight[] =>
    ['weight', 'bias'].map((part) => renamedInHub(`${name}.${part}`, [width], `${theirs}.${part}`))
  const nameOf = (theirs: string) => `bert.embeddings.${theirs}_embeddings.weight`
  const table = (name: string, rows: number, theirs: string): HubWeight =>
    renamedInHub(name, [rows, width], nameOf(theirs))
  const blocks = Array.from({ length: config.numLayers }, (_, i) => {
    const [ours, theirs] = [blockPrefix(i), `bert.encoder.layer.${i}.`]
    const hidden = hiddenDimOf(config)
    const parts = ['query', 'key', 'value'].map((part) => `${theirs}attention.self.${part}`)
    return [
      ...layerInHub(`${ours}attn.c_attn`, [width, 3 * width], parts),
      ...layerInHub(`${ours}attn.c_proj`, [width, width], [`${theirs}attention.output.dense`]),
      ...ofNorm(`${ours}ln_1`, `${theirs}attention.output.LayerNorm`),
      ...layerInHub(`${ours}mlp.c_fc`, [width, hidden], [`${theirs}intermediate.dense`]),
      ...layerInHub(`${ours}mlp.c_proj`, [hidden, width], [`${theirs}output.dense`]),
      ...ofNorm(`${ours}ln_2`, `${theirs}output.LayerNorm`),
    ]
  })
  const ofPooling = hasPooledLayer ? layerInHub(pooledLayer, [width, width], ['bert.pooler.dense']) : []
  const ofHead = (): HubWeight[] => {
    switch (head.kind) {
      case 'none':
        return ofPooling
      case 'classes':
        return [...ofPooling, ...layerInHub(classHead, [width, head.count], ['classifier'])]
      case 'tokens':
        return [
          ...layerInHub(wordLayer, [width, width], ['cls.predictions.transform.dense']),
          ...ofNorm(wordNorm, 'cls.predictions.transform.LayerNorm'),
          ...(config.isHeadTied
            ? []
            : [renamedInHub(wordTable, [vocabSize, width], 'cls.predictions.decoder.weight')]),
          renamedInHub(wordBias, [vocabSize], 'cls.predictions.bias'),
        ]
    }
  }
  return [
    table(words, vocabSize, 'word'),
    table(places, config.seqLen, 'position'),
    numTokenTypes > 0
      ? table(kinds, numTokenTypes, 'token_type')
      : absentInHub(nameOf('token_type'), [1, width]),
    ...ofNorm(embeddingNorm, 'bert.embeddings.LayerNorm'),
    ...blocks.flat(),
    ...ofHead(),
  ]
}

/**
 * Files of BertModel lack the prefix, and old ones call gain and bias of norms gamma and beta. null for what has no place
 * here: the numbers of places, and the head that tells whether sentences follow each other.
 */
function importName(name: string): string | null {
  if (/(^|\.)position_ids$|^cls\.seq_relationship\./.test(name)) return null
  const isBare = /^(embeddings\.(\w+_embeddings|LayerNorm)|encoder\.layer|pooler\.dense)\./.test(name)
  return (isBare ? `bert.${name}` : name)
    .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
    .replace(/LayerNorm\.beta$/, 'LayerNorm.bias')
}

export default defineModel({
  id: 'encoder',
  title: 'Encoder',
  summary:
    'A transformer that reads a whole text at once and makes vectors of it, or tells hidden tokens or its class.',
  link: 'https://arxiv.org/abs/1810.04805',
  accepts: 'tokens',
  fields: encoderFields,
  tiny: { numLayers: 1, numHeads: 2, embedDim: 16, seqLen: 8 },
  seqLen: ({ seqLen }) => seqLen,
  check,
  parameters,
  forward,
  hub: { ...bertInHub, table: hubTable },
  importName,
  aliases: ({ isHeadTied }) =>
    new Map([
      ...(isHeadTied ? [['cls.predictions.decoder.weight', words] as const] : []),
      ['cls.predictions.decoder.bias', wordBias],
    ]),
})
