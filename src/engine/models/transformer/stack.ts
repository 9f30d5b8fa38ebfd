import type { InferFields } from '../../../core/schema.ts'
import type { StoredType } from '../../backend/storedType.ts'
import type { Tensor2D } from '../../backend/tfjs.ts'
import { dropoutOf } from '../../nn/dropoutSites.ts'
import type { CacheSizes, CacheSpec, KeyValueCache } from '../../nn/keyValueCache.ts'
import { initsOf } from '../../nn/initialization.ts'
import type { ParameterSpec, Weights } from '../../nn/parameter.ts'
import { recomputedLayer } from '../../nn/recomputedLayer.ts'
import {
  blockParameters,
  dropPathRateAt,
  transformerBlock,
  type BlockMemory,
  type BlockShape,
} from '../../nn/transformerBlock.ts'
import type { PassSetting } from '../modelInputs.ts'
import type { transformerFields } from './transformerFields.ts'

type TransformerSettings = InferFields<typeof transformerFields>

/** The settings of blocks, as `transformerFields` names them. */
export type StackSettings = Pick<
  TransformerSettings,
  | 'numLayers'
  | 'numHeads'
  | 'numKeyHeads'
  | 'embedDim'
  | 'mlpRatio'
  | 'dropoutRate'
  | 'dropPathRate'
  | 'positions'
  | 'rotaryBase'
  | 'rotaryStyle'
  | 'norm'
  | 'normEpsilon'
  | 'normPlace'
  | 'activation'
  | 'hasBias'
  | 'hasHeadNorm'
  | 'initialization'
>

/** Transformer blocks one after the other. */
export interface Stack {
  readonly settings: StackSettings
  /** Prefix of the weights of each block, with its dot. */
  readonly prefixOf: (layer: number) => string
  readonly isCausal: boolean
  /** Width of what each block attends to besides its own rows; null where there is nothing. */
  readonly memoryDim: number | null
}

export function hiddenDimOf({ embedDim, mlpRatio }: Pick<StackSettings, 'embedDim' | 'mlpRatio'>): number {
  return Math.round(embedDim * mlpRatio)
}

/** The setting's 0 stands for as many as heads. */
export function keyHeadsOf({
  numHeads,
  numKeyHeads,
}: Pick<StackSettings, 'numHeads' | 'numKeyHeads'>): number {
  return numKeyHeads === 0 ? numHeads : numKeyHeads
}

function shapeOf({ settings, memoryDim }: Stack): BlockShape {
  return { ...settings, hiddenDim: hiddenDimOf(settings), numKeyHeads: keyHeadsOf(settings), memoryDim }
}

function blockAt(stack: Stack, layer: number): ParameterSpec[] {
  const { settings, prefixOf, memoryDim } = stack
  const terms = memoryDim === null ? 2 : 3
  const inits = initsOf(settings.initialization, terms * settings.numLayers)
  return blockParameters(prefixOf(layer), shapeOf(stack), inits)
}

/** The weights of all blocks, in order. */
export function stackParameters(stack: Stack): ParameterSpec[] {
  return Array.from({ length: stack.settings.numLayers }, (_, layer) => blockAt(stack, layer)).flat()
}

/** What the blocks of a causal stack keep of sequences. */
export function stackCaches({ settings, prefixOf, memoryDim }: Stack, sizes: CacheSizes): CacheSpec[] {
  const { batchSize, seqLen, memoryLen } = sizes
  const { embedDim, numHeads } = settings
  const ofKeys = (2 * keyHeadsOf(settings) * embedDim) / numHeads
  return Array.from({ length: settings.numLayers }, (_, layer): CacheSpec[] => {
    const name = prefixOf(layer)
    const own = {
      name: `${name}attn.`,
      shape: [batchSize * seqLen, embedDim + ofKeys],
      isOfMemory: false,
    } as const
    if (memoryDim === null) return [own]
    return [own, { name: `${name}crossattention.`, shape: [batchSize * memoryLen, ofKeys], isOfMemory: true }]
  }).flat()
}

export interface StackInput {
  readonly batchSize: number
  /** int32 [B, T], 1 for rows that are there; null for all. */
  readonly keyMask: Tensor2D | null
  readonly memory: BlockMemory | null
  /** Of a pass over one token of each sequence, or of one that keeps what such passes need; none by default. */
  readonly cache?: KeyValueCache | null
}

/** x [B*T, D] through all blocks: [B*T, D]. */
export function runStack(
  x: Tensor2D,
  weights: Weights,
  stack: Stack,
  { batchSize, keyMask, memory, cache = null, drawAt, isCheckpointed, stored }: StackInput & StackPass,
): Tensor2D {
  const { settings, prefixOf, isCausal } = stack
  const { numLayers, numHeads, positions, rotaryBase, rotaryStyle, norm, normEpsilon } = settings
  const shared = {
    batchSize,
    isCausal,
    numHeads,
    numKeyHeads: keyHeadsOf(settings),
    rotary: positions === 'rotary' ? { base: rotaryBase, style: rotaryStyle } : null,
    hasAlibi: positions === 'alibi',
    keyMask,
    cache,
    headNorm: settings.hasHeadNorm ? { kind: norm, epsilon: normEpsilon } : null,
    norm,
    normEpsilon,
    normPlace: settings.normPlace,
    activation: settings.activation,
    stored,
    dropoutAt: dropoutOf(drawAt, settings.dropoutRate),
  }
  for (let layer = 0; layer < numLayers; layer++) {
    const dropPathAt = dropoutOf(drawAt, dropPathRateAt(settings.dropPathRate, layer, numLayers))
    const own = { ...shared, name: prefixOf(layer), dropPathAt }
    const block = ([from, rows]: readonly Tensor2D[], ofBlock: Weights): Tensor2D =>
      transformerBlock(from!, ofBlock, { ...own, memory: memory && { ...memory, rows: rows ?? null } })
    const inputs = memory === null || memory.rows === null ? [x] : [x, memory.rows]
    const names = blockAt(stack, layer).map(({ name }) => name)
    x = isCheckpointed ? recomputedLayer(inputs, weights, names, block) : block(inputs, weights)
  }
  return x
}

type StackPass = Pick<PassSetting, 'drawAt' | 'isCheckpointed'> & { readonly stored: StoredType }
