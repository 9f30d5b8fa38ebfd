import { unzipSync } from 'fflate'
import { expect, it } from 'vitest'
import { elementCount, float32Tensor } from '../src/core/hostTensor.ts'
import { createRunSchema, parseRunConfig } from '../src/core/runConfig.ts'
import { readSafetensors } from '../src/core/safetensors/read.ts'
import { nextTokenSizes } from '../src/engine/models/modelInputs.ts'
import { models } from '../src/engine/models/registry.ts'
import { freshProgress } from '../src/engine/training/trainRun.ts'
import { createCatalog } from './catalog.ts'
import { encodeRunCheckpoint } from './checkpointOfRun.ts'
import { exportModel, zipModel } from './exportModel.ts'

const config = parseRunConfig(createRunSchema(createCatalog()), {
  data: { tokenizer: { kind: 'bytes' } },
  model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
})
const specs = models.get('gpt').parameters(config.model, nextTokenSizes(256))

it('makes one zip of the files that transformers loads a model from', () => {
  const tensors = new Map(
    specs.map(({ name, shape }) => [
      name,
      float32Tensor(shape, new Float32Array(elementCount(shape)).fill(0.5)),
    ]),
  )
  const bytes = encodeRunCheckpoint({
    branch: null,
    config,
    progress: { ...freshProgress(), step: 3, stageStep: 3 },
    tensors: new Map([
      ...tensors,
      ['optimizer.m.transformer.ln_f.bias', float32Tensor([8], new Float32Array(8))],
    ]),
    coding: { facts: { vocabSize: 256 }, tokenizer: { kind: 'bytes', state: {} } },
    parent: null,
  })
  const model = exportModel(bytes, 'huggingface')
  expect(model).toMatchObject({ architecture: 'GPT2LMHeadModel', step: 3, notices: [] })
  const files = unzipSync(zipModel(model))
  expect(Object.keys(files)).toEqual(['model.safetensors', 'config.json'])
  expect(readSafetensors(files['model.safetensors']!).tensors).toEqual(tensors)
  expect(zipModel(exportModel(bytes, 'huggingface')), 'the same bytes again').toEqual(zipModel(model))
})
