import { ShapeError } from '../../core/errors.ts'
import type { InferFields, Issue } from '../../core/schema.ts'
import { gather, type Tensor2D } from '../backend/tfjs.ts'
import { tokenAndPositionEmbedding } from '../kernels/embedding/embedding.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { rowChunks } from '../kernels/rowChunks.ts'
import { dropoutOf } from '../nn/dropoutSites.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { norm } from '../nn/norm.ts'
import { matrixOf, type Init, type ParameterSpec, type Weights } from '../nn/parameter.ts'
import { recomputedLayer } from '../nn/recomputedLayer.ts'
import { blockParameters, normParameters, transformerBlock } from '../nn/transformerBlock.ts'
import { defineModel, type ActivationPlan, type PassSizes } from './defineModel.ts'
import { gptFields } from './gptFields.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf } from './modelInputs.ts'

/**
 * A decoder-only transformer as GPT-2 (Radford et al. 2019), with later choices: rotary positions, RMSNorm, SwiGLU,
 * an untied head. Weight names and layouts are those of Hugging Face's GPT2LMHeadModel, whose Conv1D weights are
 * [in, out]; variants without a counterpart there are named in the same style.
 */
type Gpt = InferFields<typeof gptFields>

const tokens = 'transformer.wte.weight'
const positions = 'transformer.wpe.weight'
const head = 'lm_head.weight'
const finalNorm = 'transformer.ln_f'
const blockPrefix = (layer: number) => `transformer.h.${layer}.`

const spread: Init = { kind: 'normal', standardDeviation: 0.02 }

function hiddenDim({ embedDim, mlpRatio }: Gpt): number {
  return Math.round(embedDim * mlpRatio)
}

function check(config: Gpt): Issue[] {
  const { embedDim, numHeads } = config
  if (embedDim % numHeads !== 0) {
    const fitting = Array.from({ length: numHeads }, (_, i) => numHeads - i).find(
      (heads) => embedDim % heads === 0,
    )
    return [
      {
        path: ['embedDim'],
        message: `must be a multiple of numHeads (${numHeads}), got ${embedDim}; take ${Math.ceil(embedDim / numHeads) * numHeads}, or ${fitting} heads`,
      },
    ]
  }
  if (config.positions === 'rotary' && (embedDim / numHeads) % 2 !== 0) {
    return [
      {
        path: ['positions'],
        message: `rotary needs an even width of a head, got ${embedDim} / ${numHeads} = ${embedDim / numHeads}; change embedDim or numHeads, or take learned positions`,
      },
    ]
  }
  return []
}

/** The table of weights: names, shapes, and GPT-2's initial values. */
function parameters(config: Gpt, { vocabSize }: SizesOf<'tokens'>): ParameterSpec[] {
  const { embedDim: width, numLayers, seqLen } = config
  const table = (name: string, rows: number): ParameterSpec => ({
    name,
    shape: [rows, width],
    kind: 'embedding',
    init: spread,
  })
  return [
    table(tokens, vocabSize),
    ...(config.positions === 'learned' ? [table(positions, seqLen)] : []),
    ...Array.from({ length: numLayers }, (_, layer) => ownBlock(config, blockPrefix(layer))).flat(),
    ...normParameters(finalNorm, width, config),
    // [V, D] as in Hugging Face, where the head is a Linear and not a Conv1D
    ...(config.isHeadTied
      ? []
      : [{ name: head, shape: [vocabSize, width], kind: 'head', init: spread } as const]),
  ]
}

function ownBlock(config: Gpt, prefix: string): ParameterSpec[] {
  // Each block adds two terms to the residual stream: scaled so that its variance does not grow with depth.
  const residual: Init = { kind: 'normal', standardDeviation: 0.02 / Math.sqrt(2 * config.numLayers) }
  const shape = {
    ...config,
    hiddenDim: hiddenDim(config),
    numKeyHeads: config.numHeads,
    hasHeadNorm: false,
    memoryDim: null,
  }
  return blockParameters(prefix, shape, { matrix: spread, residual })
}

/** Token vectors, plus position vectors where positions are learned: [B*T, D]. */
function embed(
  config: Gpt,
  weights: Weights,
  { ids, seqLen }: InputOf<'tokens'>,
  { drawAt }: PassSetting,
): Tensor2D {
  const places = config.positions === 'learned' ? matrixOf(weights, positions) : null
  const sum = tokenAndPositionEmbedding(matrixOf(weights, tokens), places, ids, seqLen) // [B*T, D]
  return dropUnits(sum, drawAt('transformer.embedding', config.dropoutRate))
}

/** What the head scores: [B*T, D], or [1, D] for `onlyRow`. */
function lastRows(config: Gpt, weights: Weights, input: InputOf<'tokens'>, pass: PassSetting): Tensor2D {
  const { batchSize, seqLen, onlyRow } = input
  const { isCheckpointed, stored, areLogitsInParts } = pass
  const dropoutAt = dropoutOf(pass.drawAt, config.dropoutRate)
  if (seqLen > config.seqLen || input.ids.size !== batchSize * seqLen) {
    throw new ShapeError(
      `GPT: tokens must be [batchSize * seqLen] with seqLen at most ${config.seqLen}, got ${input.ids.size} for ${batchSize} * ${seqLen}`,
      { code: 'sequence-length', remedy: 'Shorten the sequences, or raise the model’s context.' },
    )
  }
  let x = embed(config, weights, input, pass) // [B*T, D]
  for (let layer = 0; layer < config.numLayers; layer++) {
    const prefix = blockPrefix(layer)
    const block = (from: Tensor2D, blockWeights: Weights): Tensor2D =>
      transformerBlock(from, blockWeights, {
        name: prefix,
        batchSize,
        isCausal: true,
        numHeads: config.numHeads,
        rotary: config.positions === 'rotary' ? { base: config.rotaryBase, style: 'half-split' } : null,
        norm: config.norm,
        normEpsilon: config.normEpsilon,
        activation: config.activation,
        stored,
        dropoutAt,
      })
    const names = ownBlock(config, prefix).map(({ name }) => name)
    x = isCheckpointed ? recomputedLayer(x, weights, names, block) : block(x, weights)
  }
  if (onlyRow !== null) x = gather(x, onlyRow) // [1, D]
  return norm(x, weights, {
    name: finalNorm,
    kind: config.norm,
    epsilon: config.normEpsilon,
    // Parts of rows are f32: halves of a buffer have no views.
    stored: areLogitsInParts ? 'f32' : stored,
  })
}

/** [V, D] */
function headTable(config: Gpt, weights: Weights): Tensor2D {
  return matrixOf(weights, config.isHeadTied ? tokens : head)
}

function forward(config: Gpt, weights: Weights, input: InputOf<'tokens'>, pass: PassSetting): ModelOutput {
  const rows = lastRows(config, weights, input, pass)
  const table = headTable(config, weights)
  return { rows, logits: pass.areLogitsInParts ? { rows, table } : rowScores(rows, table) } // [B*T, V]
}

/** The hub's `gpt2` files lack the prefix and carry the causal masks of old versions as buffers. */
function importName(name: string): string | null {
  if (/(^|\.)h\.\d+\.attn\.(bias|masked_bias)$/.test(name)) return null
  return /^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name
}

/** Numbers that are alive at the fullest moments of a pass, counted from what the kernels keep and write. */
function planActivations(
  config: Gpt,
  { vocabSize, batchSize, seqLen, isCheckpointed, stored, areLogitsInParts }: PassSizes,
): ActivationPlan {
  const rows = batchSize * seqLen
  const { embedDim: width, numLayers, numHeads } = config
  const hidden = hiddenDim(config)
  const share = stored === 'f16' ? 0.5 : 1 // of 4 bytes
  const isGated = config.activation === 'swiglu'
  // A row of a block: its input, the norm of it, q, k, v, what attention made of them, that with the residual and its
  // norm; what goes into the bend; two numbers a norm and two a head.
  const beforeBend = (isGated ? 2 : 1) * hidden
  // All but the residual stream and these numbers is stored as `stored`; gradients are f32.
  const within = 2 * width + share * (6 * width + beforeBend) + 4 + 2 * numHeads
  // Its backward pass: the gradient that comes in; that of the hidden values, which are made again in place.
  const bending = within + width + beforeBend + (config.dropoutRate > 0 ? width : 0)
  // By then what lies above attention is done with, and gradients of residual, attention, q, k and v are there.
  const attending =
    within - width - share * (width + beforeBend) + (config.positions === 'rotary' ? 8 : 5) * width + numHeads
  const stays = isCheckpointed ? width : within
  const partRows = areLogitsInParts ? rowChunks(rows, vocabSize)[0]!.count : rows
  // Also the last residual stream; its norm and the logits, or in their place the gradients that are made with the loss.
  const ofLogits = areLogitsInParts ? rows * width + vocabSize * width : rows * (share * width + vocabSize)
  const kept = rows * (numLayers * stays + width + 4) + ofLogits
  const fullest = Math.max(
    // Gradient of the logits, or beside the norm the logits of a part and what it adds.
    kept + (areLogitsInParts ? rows * width + partRows * (vocabSize + width) : rows * vocabSize),
    rows * ((numLayers - 1) * stays + Math.max(bending, attending)),
    // The table's gradient as embedding, and its sum with that as head.
    config.isHeadTied ? 2 * vocabSize * width : 0,
  )
  return {
    kept,
    scratch: fullest - kept,
    tensors: [
      { name: areLogitsInParts ? 'a part of the logits' : 'logits', shape: [partRows, vocabSize] },
      { name: 'queries, keys and values', shape: [rows, 3 * width] },
      { name: 'hidden values of a feed-forward layer', shape: [rows, hidden] },
    ],
  }
}

export default defineModel({
  id: 'gpt',
  title: 'GPT',
  summary: 'A decoder-only transformer that predicts the next token from those before it.',
  link: 'https://d4mucfpksywv.cloudfront.net/better-language-models/language_models_are_unsupervised_multitask_learners.pdf',
  accepts: 'tokens',
  fields: gptFields,
  tiny: { numLayers: 1, numHeads: 2, embedDim: 16, seqLen: 8 },
  seqLen: ({ seqLen }) => seqLen,
  check,
  parameters,
  forward,
  importName,
  aliases: ({ isHeadTied }) => new Map(isHeadTied ? [[head, tokens]] : []),
  planActivations,
})
