import { ShapeError } from '../../core/errors.ts'
import type { InferFields, Issue } from '../../core/schema.ts'
import { gather, type Tensor2D } from '../backend/tfjs.ts'
import { tokenAndPositionEmbedding } from '../kernels/embedding/embedding.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { norm } from '../nn/norm.ts'
import { matrixOf, type Init, type ParameterSpec, type Weights } from '../nn/parameter.ts'
import { preNormBlock } from '../nn/preNormBlock.ts'
import { defineModel, type ForwardInput } from './defineModel.ts'
import { gptFields } from './gptFields.ts'

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
function parameters(config: Gpt, vocabSize: number): ParameterSpec[] {
  const { embedDim: width, numLayers, seqLen } = config
  const hidden = hiddenDim(config)
  const spread: Init = { kind: 'normal', standardDeviation: 0.02 }
  // Each block adds two terms to the residual stream: scaled so that its variance does not grow with depth.
  const residual: Init = { kind: 'normal', standardDeviation: 0.02 / Math.sqrt(2 * numLayers) }
  const zeros: Init = { kind: 'constant', value: 0 }
  const ones: Init = { kind: 'constant', value: 1 }

  const dense = (name: string, from: number, to: number, init: Init): ParameterSpec[] => [
    { name: `${name}.weight`, shape: [from, to], kind: 'matrix', init },
    ...(config.hasBias ? [{ name: `${name}.bias`, shape: [to], kind: 'vector', init: zeros } as const] : []),
  ]
  const normOf = (name: string): ParameterSpec[] => [
    { name: `${name}.weight`, shape: [width], kind: 'vector', init: ones },
    ...(config.hasBias && config.norm === 'layer-norm'
      ? [{ name: `${name}.bias`, shape: [width], kind: 'vector', init: zeros } as const]
      : []),
  ]
  const block = (prefix: string): ParameterSpec[] => [
    ...normOf(`${prefix}ln_1`),
    ...dense(`${prefix}attn.c_attn`, width, 3 * width, spread), // q | k | v
    ...dense(`${prefix}attn.c_proj`, width, width, residual),
    ...normOf(`${prefix}ln_2`),
    ...(config.activation === 'swiglu' ? dense(`${prefix}mlp.c_gate`, width, hidden, spread) : []),
    ...dense(`${prefix}mlp.c_fc`, width, hidden, spread),
    ...dense(`${prefix}mlp.c_proj`, hidden, width, residual),
  ]
  const table = (name: string, rows: number): ParameterSpec => ({
    name,
    shape: [rows, width],
    kind: 'embedding',
    init: spread,
  })
  return [
    table(tokens, vocabSize),
    ...(config.positions === 'learned' ? [table(positions, seqLen)] : []),
    ...Array.from({ length: numLayers }, (_, layer) => block(blockPrefix(layer))).flat(),
    ...normOf(finalNorm),
    // [V, D] as in Hugging Face, where the head is a Linear and not a Conv1D
    ...(config.isHeadTied
      ? []
      : [{ name: head, shape: [vocabSize, width], kind: 'matrix', init: spread } as const]),
  ]
}

/** Token vectors, plus position vectors where positions are learned: [B*T, D]. */
function embed(config: Gpt, weights: Weights, { ids, seqLen, dropoutAt }: ForwardInput): Tensor2D {
  const places = config.positions === 'learned' ? matrixOf(weights, positions) : null
  const sum = tokenAndPositionEmbedding(matrixOf(weights, tokens), places, ids, seqLen) // [B*T, D]
  return dropUnits(sum, dropoutAt('transformer.embedding'))
}

function forward(config: Gpt, weights: Weights, input: ForwardInput): Tensor2D {
  const { batchSize, seqLen, dropoutAt, onlyRow } = input
  if (seqLen > config.seqLen || input.ids.size !== batchSize * seqLen) {
    throw new ShapeError(
      `GPT: tokens must be [batchSize * seqLen] with seqLen at most ${config.seqLen}, got ${input.ids.size} for ${batchSize} * ${seqLen}`,
      { code: 'sequence-length', remedy: 'Shorten the sequences, or raise the model’s context.' },
    )
  }
  let x = embed(config, weights, input) // [B*T, D]
  for (let layer = 0; layer < config.numLayers; layer++) {
    x = preNormBlock(x, weights, {
      name: blockPrefix(layer),
      batchSize,
      seqLen,
      numHeads: config.numHeads,
      rotary: config.positions === 'rotary' ? { base: config.rotaryBase, style: 'half-split' } : null,
      norm: config.norm,
      normEpsilon: config.normEpsilon,
      activation: config.activation,
      dropoutAt,
    })
  }
  if (onlyRow !== null) x = gather(x, onlyRow) // [1, D]
  x = norm(x, weights, { name: finalNorm, kind: config.norm, epsilon: config.normEpsilon })
  return rowScores(x, matrixOf(weights, config.isHeadTied ? tokens : head)) // [B*T, V]
}

/** The hub's `gpt2` files lack the prefix and carry the causal masks of old versions as buffers. */
function importName(name: string): string | null {
  if (/(^|\.)h\.\d+\.attn\.(bias|masked_bias)$/.test(name)) return null
  return /^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name
}

function planActivations(
  config: Gpt,
  { vocabSize, batchSize, seqLen }: { vocabSize: number; batchSize: number; seqLen: number },
) {
  const rows = batchSize * seqLen
  const { embedDim: width, numLayers, numHeads } = config
  const hidden = hiddenDim(config)
  const gates = config.activation === 'swiglu' ? 2 : 1
  // per row of a block: its two inputs, their norms, q, k, v and what attention made of them; before the bend
  const kept = 8 * width + gates * hidden + 4 * numHeads
  // Gradients take turns: those of one block's feed-forward layer are the largest.
  const passing = 4 * width + (gates + 1) * hidden
  return {
    kept: rows * (numLayers * kept + 3 * width + vocabSize),
    scratch: rows * (passing + vocabSize),
    largest: rows * Math.max(vocabSize, 3 * width, hidden),
  }
}

export default defineModel({
  id: 'gpt',
  title: 'GPT',
  summary: 'A decoder-only transformer that predicts the next token from those before it.',
  link: 'https://d4mucfpksywv.cloudfront.net/better-language-models/language_models_are_unsupervised_multitask_learners.pdf',
  fields: gptFields,
  seqLen: ({ seqLen }) => seqLen,
  dropoutRate: ({ dropoutRate }) => dropoutRate,
  check,
  parameters,
  forward,
  importName,
  aliases: ({ isHeadTied }) => new Map(isHeadTied ? [[head, tokens]] : []),
  planActivations,
})
