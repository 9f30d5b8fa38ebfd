import { blockParameters, type BlockShape } from '../../src/engine/nn/transformerBlock.ts'
import { zeroInit } from '../../src/engine/nn/initialization.ts'
import type { ParameterSpec } from '../../src/engine/nn/parameter.ts'
import type { LayerInput } from '../helpers/layerCase.ts'
import { plainBlock } from '../helpers/plainBlock.ts'

export const seqLen = 4
export const { embedDim, numHeads } = plainBlock
export const [memoryLen, memoryDim] = [3, 6] as const

/** The weights of a transformer block whose names begin with `prefix`. */
export function weightsNamed(prefix: string, shape: Partial<BlockShape> = {}): ParameterSpec[] {
  const all = blockParameters('', { ...plainBlock, ...shape }, { matrix: zeroInit, residual: zeroInit })
  return all.filter(({ name }) => name.startsWith(prefix))
}

/** `count` rows of each sample. */
export function tokens(count: number, width: number): LayerInput {
  return { shape: [count, width] }
}

/** The first of each sample's tokens is there, and another one is not. */
export function maskOf(count: number): LayerInput {
  return { shape: [1, count], whole: (sample, place) => (place === 1 + (sample % (count - 1)) ? 0 : 1) }
}
