import type { StoredType } from '../../backend/storedType.ts'
import { hiddenDimOf, keyHeadsOf, type StackSettings } from './stack.ts'

/** Numbers of 4 bytes for each row of one block without a memory, counted from what the kernels keep and write. */
export interface BlockActivations {
  /** Kept from the forward pass for the backward pass. */
  readonly within: number
  /** That, and what is alive beside it at the fullest moment of its backward pass. */
  readonly backward: number
}

export function blockActivations(settings: StackSettings, stored: StoredType): BlockActivations {
  const { embedDim: width, numHeads, hasHeadNorm, normPlace, dropoutRate, dropPathRate } = settings
  const hidden = hiddenDimOf(settings)
  const qkv = width + 2 * (width / numHeads) * keyHeadsOf(settings)
  // All but the residual stream and a few numbers is stored as `stored` where it can be; gradients are f32.
  const share = stored === 'f16' && normPlace === 'pre' && dropPathRate === 0 ? 0.5 : 1 // of 4 bytes
  const attentionShare = hasHeadNorm ? 1 : share
  // A row of a block: its input, the norm of it, q, k, v, what attention made of them, that with the residual and its
  // norm; what goes into the bend; two numbers a norm and two a head. With the norms after, the sums before them are kept
  // in the place of what comes out of norms before.
  const beforeBend = (settings.activation === 'swiglu' ? 2 : 1) * hidden
  const ofHeadNorm = hasHeadNorm ? qkv : 0 // Before the norms of heads.
  const ofAttention = attentionShare * (2 * width + qkv) + ofHeadNorm
  const within = 2 * width + ofAttention + share * (width + beforeBend) + 4 + 2 * numHeads
  // Its backward pass: the gradient that comes in; that of the hidden values, which are made again in place.
  const bending = within + width + beforeBend + (dropoutRate > 0 ? width : 0)
  // By then what lies above attention is done with, and gradients of residual, attention, q, k and v are there.
  const turned = settings.positions === 'rotary' ? qkv : 0
  const attending =
    within - width - share * (width + beforeBend) + 2 * width + qkv + turned + ofHeadNorm + numHeads
  return { within, backward: Math.max(bending, attending) }
}
