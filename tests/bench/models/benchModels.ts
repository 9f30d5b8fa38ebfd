import type { BenchModel } from './benchModel.ts'
import { dualEncoderModel } from './dualEncoder.ts'
import { gptModel } from './gpt.ts'
import { vitModel } from './vit.ts'

/** All that `npm run bench` measures. */
export const benchModels: readonly BenchModel[] = [
  gptModel({
    name: 'tiny',
    numLayers: 2,
    embedDim: 64,
    numHeads: 2,
    seqLen: 32,
    batchSize: 4,
    vocabSize: 65,
  }),
  gptModel({
    name: 'small',
    numLayers: 4,
    embedDim: 128,
    numHeads: 4,
    seqLen: 64,
    batchSize: 8,
    vocabSize: 65,
  }),
  gptModel({
    name: 'big',
    numLayers: 4,
    embedDim: 256,
    numHeads: 8,
    seqLen: 128,
    batchSize: 8,
    vocabSize: 512,
  }),
  vitModel({
    name: 'vit-tiny',
    numLayers: 2,
    embedDim: 64,
    numHeads: 2,
    batchSize: 8,
    side: 28,
    patchSize: 7,
    numClasses: 10,
  }),
  vitModel({
    name: 'vit',
    numLayers: 4,
    embedDim: 128,
    numHeads: 4,
    batchSize: 32,
    side: 28,
    patchSize: 4,
    numClasses: 10,
  }),
  dualEncoderModel({
    name: 'clip-tiny',
    numLayers: 1,
    embedDim: 64,
    numHeads: 2,
    batchSize: 32,
    side: 16,
    patchSize: 8,
    seqLen: 8,
    vocabSize: 64,
    projectionDim: 32,
  }),
  dualEncoderModel({
    name: 'clip',
    numLayers: 2,
    embedDim: 128,
    numHeads: 4,
    batchSize: 256,
    side: 32,
    patchSize: 8,
    seqLen: 16,
    vocabSize: 256,
    projectionDim: 64,
  }),
]
