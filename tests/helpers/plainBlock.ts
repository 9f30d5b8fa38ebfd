import type { BlockShape } from '../../src/engine/nn/transformerBlock.ts'

/** The sizes of a transformer block without options, small enough for slow loops. */
export const plainBlock = {
  embedDim: 16,
  hiddenDim: 12,
  numHeads: 4,
  numKeyHeads: 4,
  norm: 'layer-norm',
  activation: 'gelu-tanh',
  hasBias: true,
  hasHeadNorm: false,
  memoryDim: null,
} as const satisfies BlockShape
