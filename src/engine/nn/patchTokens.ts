import { concat, type Tensor2D, type Tensor4D } from '../backend/tfjs.ts'
import { patchEmbedding } from '../kernels/patchEmbedding/patchEmbedding.ts'
import { tokenSequence } from '../kernels/tokenSequence/tokenSequence.ts'
import { matrixOf, vectorOf, type Weights } from './parameter.ts'

export interface PatchTokensOptions {
  /** Prefix of the weight names, with its dot. */
  readonly name: string
  readonly patchSize: number
  readonly hasClassToken: boolean
  readonly hasRegisters: boolean
  /** [positions, D], fixed or the weight `position_embeddings`; null where attention tells places itself. */
  readonly positions: Tensor2D | null
}

/**
 * Images as the tokens of a ViT (Dosovitskiy et al. 2021): a class token, registers (Darcet et al. 2024), then the
 * patches in row-major order. Positions are those of class token and patches, or of the patches alone: registers have
 * none. Weights: `projection.weight` [P*P*C, D], `projection.bias` [D], `cls_token` [1, D], `register_tokens` [R, D].
 * @param images [B, height, width, C]
 * @returns [B*T, D]
 */
export function patchTokens(images: Tensor4D, weights: Weights, options: PatchTokensOptions): Tensor2D {
  const { name, patchSize, hasClassToken, hasRegisters, positions } = options
  const weight = matrixOf(weights, `${name}projection.weight`)
  const x = patchEmbedding(images, weight, vectorOf(weights, `${name}projection.bias`), patchSize)
  const first = [
    ...(hasClassToken ? [matrixOf(weights, `${name}cls_token`)] : []),
    ...(hasRegisters ? [matrixOf(weights, `${name}register_tokens`)] : []),
  ]
  const prefix = first.length === 2 ? concat(first, 0) : (first[0] ?? null)
  return tokenSequence({ x, batchSize: images.shape[0], prefix, positions })
}
