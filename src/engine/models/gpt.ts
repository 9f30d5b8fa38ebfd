import type { InferFields, Issue } from '../../core/schema.ts'
import { gather, type Tensor2D } from '../backend/tfjs.ts'
import { tokenAndPositionEmbedding } from '../kernels/embedding/embedding.ts'
import { rowScores } from '../kernels/linear/rowScores.ts'
import { dropUnits } from '../nn/dropUnits.ts'
import { spread } from '../nn/initialization.ts'
import { norm } from '../nn/norm.ts'
import { matrixOf, type ParameterSpec, type Weights } from '../nn/parameter.ts'
import { normParameters } from '../nn/transformerBlock.ts'
import { defineModel } from './defineModel.ts'
import { gpt2InHub } from './hub/gpt2InHub.ts'
import { sameInHub } from './hubWeights.ts'
import type { InputOf, ModelOutput, PassSetting, SizesOf } from './modelInputs.ts'
import { headIssues, positionIssues } from './transformer/headIssues.ts'
import { runStack, stackCaches, stackParameters, type Stack } from './transformer/stack.ts'
import { checkTokens, placeTable } from './transformer/tokenRows.ts'
import { transformerFields } from './transformer/transformerFields.ts'

/**
 * A decoder-only transformer as GPT-2 (Radford et al. 2019), with later choices: rotary and other positions,
 * RMSNorm, SwiGLU, grouped heads, an untied head; or earlier ones: norms after each part, and then none at the end. Weight names and layouts are those of Hugging Face's GPT2LMHeadModel, whose Conv1D weights are
 * [in, out]; variants without a counterpart there are named in the same style.
 */
type Gpt = InferFields<typeof transformerFields>

const tokens = 'transformer.wte.weight'
const positions = 'transformer.wpe.weight'
const head = 'lm_head.weight'
const finalNorm = 'transformer.ln_f'
const blockPrefix = (layer: number) => `transformer.h.${layer}.`

function stackOf(settings: Gpt): Stack {
  return { settings, prefixOf: blockPrefix, isCausal: true, memoryDim: null }
}

function check(config: Gpt): Issue[] {
  const issues = headIssues(config)
  return issues.length > 0 ? issues : positionIssues(config.positions, config)
}

/** The table of weights: names, shapes, first values. */
function parameters(config: Gpt, { vocabSize }: SizesOf<'tokens'>): ParameterSpec[] {
  const { embedDim: width, seqLen } = config
  const table = (name: string, rows: number): ParameterSpec => ({
    name,
    shape: [rows, width],
    kind: 'embedding',
    init: spread,
  })
  return [
    table(tokens, vocabSize),
    ...(config.positions === 'learned' ? [table(positions, seqLen)] : []),
    ...stackParameters(stackOf(config)),
    ...(config.normPlace === 'pre' ? normParameters(finalNorm, width, config) : []),
    // [V, D] as in Hugging Face, where the head is a Linear and not a Conv1D
    ...(config.isHeadTied
      ? []
      : [{ name: head, shape: [vocabSize, width], kind: 'head', init: spread } as const]),
  ]
}

/** Token vectors, plus position vectors where there are such: [B*T, D]. */
function embed(
  config: Gpt,
  weights: Weights,
  { ids, seqLen, cache = null }: InputOf<'tokens'>,
  { drawAt }: PassSetting,
): Tensor2D {
  const places = placeTable(config, weights, positions)
  // A token that is read alone has its own place, not the first one.
  const own = cache?.row && places ? gather(places, cache.row) : places
  const sum = tokenAndPositionEmbedding(matrixOf(weights, tokens), own, ids, seqLen) // [B*T, D]
  return dropUnits(sum, drawAt('transformer.embedding', config.dropoutRate))
}

/** What the head scores: [B*T, D], or [1, D] for `onlyRow`. */
function lastRows(config: Gpt, weights: Weights, input: InputOf<'tokens'>, pass: PassSetting): Tensor2D {
  const { batchSize, onlyRow } = input
  checkTokens('GPT', input, config.seqLen)
  const own = { batchSize, keyMask: input.mask, memory: null, cache: input.cache ?? null }
  const all = runStack(embed(config, weights, input, pass), weights, stackOf(config), { ...own, ...pass }) // [B*T, D]
  const x = onlyRow === null ? all : gather(all, onlyRow) // [1, D]
  if (config.normPlace === 'post') return x
  return norm(x, weights, {
    name: finalNorm,
    kind: config.norm,
    epsilon: config.normEpsilon,
    // Parts of rows are f32: halves of a buffer have no views.
    stored: pass.areLogitsInParts ? 'f32' : pass.stored,
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

export default defineModel({
  id: 'gpt',
  title: 'GPT',
  summary: 'A decoder-only transformer that predicts the next token from those before it.',
  link: 'https://d4mucfpksywv.cloudfront.net/better-language-models/language_models_are_unsupervised_multitask_learners.pdf',
  accepts: 'tokens',
  fields: transformerFields,
  tiny: { numLayers: 1, numHeads: 2, embedDim: 16, seqLen: 8 },
  seqLen: ({ seqLen }) => seqLen,
  check,
  parameters,
  forward,
  caches: (config, sizes) => stackCaches(stackOf(config), sizes),
  // The same names and layouts.
  hub: { ...gpt2InHub, table: (config, sizes) => parameters(config, sizes).map(sameInHub) },
  importName,
  aliases: ({ isHeadTied }) => new Map(isHeadTied ? [[head, tokens]] : []),
})
