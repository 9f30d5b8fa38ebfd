import { BunsenError } from '../../core/errors.ts'
import type { StoredType } from '../backend/storedType.ts'
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../backend/tfjs.ts'
import type { UnmadeLogits } from '../losses/lossInputs.ts'
import type { DrawAt } from '../nn/dropoutSites.ts'
import type { KeyValueCache } from '../nn/keyValueCache.ts'

/**
 * What a model's last layer scores: nothing, so that it gives vectors; the classes of each item; the next or hidden token
 * at each place.
 */
export type Head =
  | { readonly kind: 'none' }
  | { readonly kind: 'classes'; readonly count: number }
  | { readonly kind: 'tokens' }

/** For losses that compare items: vectors of their own, and what predicts or classes them. */
export interface ProjectionHead {
  readonly kind: 'projection'
  readonly hiddenDim: number
  readonly dim: number
  readonly hasPredictor: boolean
  /** 0 for none. */
  readonly prototypes: number
}

export interface Tokens {
  /** int32 [B*T], sequence after sequence. */
  readonly ids: Tensor1D
  readonly batchSize: number
  /** At most the model's own. */
  readonly seqLen: number
  /** int32 [B, T], 1 for tokens that are there; null for all. */
  readonly mask: Tensor2D | null
}

export interface Images {
  /** [B, height, width, channels], 0 to 1 or standardised. */
  readonly pixels: Tensor4D
}

export interface TextSizes {
  readonly vocabSize: number
}

export interface ImageSizes {
  readonly height: number
  readonly width: number
  readonly channels: number
}

/** What models read, by kind: sizes that the data set and no setting, and one batch on the device. */
export interface ModelKinds {
  readonly tokens: {
    readonly sizes: TextSizes & { readonly head: Head }
    readonly input: Tokens & {
      /** int32 [1], row of [B*T] to give logits for; null gives all rows. */
      readonly onlyRow: Tensor1D | null
      /** `ids` is one token of each sequence, and this holds those before; or they are whole, and it keeps them. Only of models with `caches`. */
      readonly cache?: KeyValueCache | null
    }
  }
  /** A sequence that is read, and one that is written from left to right. */
  readonly sequencePairs: {
    readonly sizes: { readonly source: TextSizes; readonly target: TextSizes }
    readonly input: {
      readonly source: Tokens
      readonly target: Tokens
      /** The same of the target; the source is not read again where this holds what comes of it. */
      readonly cache?: KeyValueCache | null
    }
  }
  readonly images: {
    readonly sizes: ImageSizes & { readonly head: Head | ProjectionHead }
    readonly input: Images
  }
  readonly features: {
    readonly sizes: { readonly numFeatures: number; readonly head: Head }
    readonly input: {
      /** [B, numFeatures] */
      readonly rows: Tensor2D
    }
  }
  /** A picture and a text of each item. */
  readonly captionedImages: {
    readonly sizes: { readonly image: ImageSizes; readonly text: TextSizes; readonly head: Head }
    readonly input: {
      readonly image: Images
      readonly text: Tokens
      /** int32 [B], rows of the batch whose texts are read with its images, in models that read both together; left out for their own. */
      readonly shown?: Tensor1D
    }
  }
}

export type ModelKind = keyof ModelKinds
export type SizesOf<K extends ModelKind> = ModelKinds[K]['sizes']
export type InputOf<K extends ModelKind> = ModelKinds[K]['input']
/** At least what the model reads. */
export type DataSizes = { readonly [K in ModelKind]?: SizesOf<K> }
/** At least what the model reads. */
export type ModelInputs = { readonly [K in ModelKind]?: InputOf<K> }

/** How a pass runs: the trainer's concern, not the task's. */
export interface PassSetting {
  readonly drawAt: DrawAt
  /** Gradient checkpointing: what lies within a block is computed again in the backward pass instead of kept. */
  readonly isCheckpointed: boolean
  /** How layers store what they make; residual stream and logits are f32 either way. */
  readonly stored: StoredType
  /** A score for every token comes as `UnmadeLogits`. */
  readonly areLogitsInParts: boolean
  /** Gives `attention` too, in models that have it; left out for no. */
  readonly isAttentionSeen?: boolean
}

/** A pass of evaluation. */
export const plainPass: PassSetting = {
  drawAt: () => null,
  isCheckpointed: false,
  stored: 'f32',
  areLogitsInParts: false,
}

/** Sizes of a model that says what comes next. */
export function nextTokenSizes(vocabSize: number): DataSizes {
  return { tokens: { vocabSize, head: { kind: 'tokens' } } }
}

/** What a model gives; each says which. What nobody reads is not computed in a recorded step. */
export interface ModelOutput {
  /** Scores of the head: [N, C], N items, or places of sequences. */
  readonly logits?: Tensor2D | UnmadeLogits
  /** A vector of every token or patch: [B*T, D]. */
  readonly rows?: Tensor2D
  /** A vector of every item: [B, D]. */
  readonly pooled?: Tensor2D
  /** What each place of the target looks at in the source, mean of the last layer's heads: [B, Tt, Ts]. */
  readonly attention?: Tensor3D
  /** Of a projection head, not normalised; each null where the head has no such part. */
  readonly projection?: {
    /** [B, P] */
    readonly vectors: Tensor2D
    /** [B, P] */
    readonly predicted: Tensor2D | null
    /** Cosines with the prototypes: [B, K]. */
    readonly scores: Tensor2D | null
  }
  /** Vectors of both sides of pairs, before they come together: each [B, E], not normalised, in one space where both are as wide. */
  readonly pair?: { readonly a: Tensor2D; readonly b: Tensor2D }
}

/** @throws BunsenError `model-output` where the model has no such output with its head */
export function outputOf<K extends keyof ModelOutput>(
  output: ModelOutput,
  name: K,
): NonNullable<ModelOutput[K]> {
  const value = output[name]
  if (value === undefined) {
    throw new BunsenError(`Model: must give ${name}, gave ${Object.keys(output).join(', ') || 'nothing'}`, {
      code: 'model-output',
    })
  }
  return value
}

/** Logits that a pass without `areLogitsInParts` gives. */
export function logitsOf(output: ModelOutput): Tensor2D {
  const logits = outputOf(output, 'logits')
  if ('table' in logits)
    throw new BunsenError('Model: logits must be whole, got parts', { code: 'model-output' })
  return logits
}
