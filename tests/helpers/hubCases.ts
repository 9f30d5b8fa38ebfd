import { readFileSync } from 'node:fs'
import type { DataFacts } from '../../src/core/dataFacts.ts'
import type { NamedTensors } from '../../src/core/hostTensor.ts'
import { readSafetensors } from '../../src/core/safetensors/read.ts'
import type { RunConfig } from '../../src/core/runConfig.ts'
import type { HubConfig } from '../../src/engine/models/hub/hubArchitecture.ts'
import { engineConfig } from './engineConfig.ts'
import type { GoldenTensor } from './goldens.ts'

/** A run whose model `transformers` has too: see `tests/fixtures/hub/README.md`. */
export interface HubCase {
  readonly name: string
  readonly config: RunConfig
  readonly facts: DataFacts
}

const size = { numLayers: 2, numHeads: 2, embedDim: 8, mlpRatio: 1.5 }
const tower = { ...size, numLayers: 1, activation: 'quick-gelu', normEpsilon: 1e-5 }
const words = { vocabSize: 11, textTokens: 6 }
const pixels = { height: 8, width: 8, channels: 3 }
const learnedClip = { name: 'clip', params: { isTemperatureLearned: true } }

/** With what each can have beside the usual: other activations, weights that only theirs have, heads of their own. */
export const hubCases: readonly HubCase[] = [
  {
    name: 'gpt2',
    config: engineConfig({ model: { kind: 'gpt', ...size, seqLen: 6, activation: 'gelu-exact' } }),
    facts: words,
  },
  {
    name: 'bert_masked',
    config: engineConfig({
      task: 'masked-language-model',
      model: { kind: 'encoder', ...size, seqLen: 6, isHeadTied: false, activation: 'relu-squared' },
    }),
    facts: words,
  },
  {
    name: 'bert_classes',
    config: engineConfig({
      task: 'text-classification',
      model: {
        kind: 'encoder',
        ...size,
        seqLen: 6,
        numTokenTypes: 2,
        hasPooledLayer: true,
        activation: 'silu',
      },
    }),
    facts: { ...words, classes: ['calm', 'glad', 'sad'] },
  },
  {
    name: 'vit',
    config: engineConfig({
      task: 'image-classification',
      model: { kind: 'vit', ...size, patchSize: 4, hasPatchBias: false, activation: 'gelu-tanh' },
    }),
    facts: { image: pixels, classes: ['calm', 'glad', 'sad'] },
  },
  {
    name: 'clip',
    config: engineConfig({
      task: 'image-text',
      model: {
        kind: 'dual-encoder',
        image: { ...tower, patchSize: 4, hasInputNorm: true, hasPatchBias: false },
        text: { ...tower, embedDim: 6, seqLen: 6 },
        projectionDim: 4,
      },
      stage: { losses: [learnedClip] },
    }),
    facts: { ...words, image: pixels },
  },
]

const folder = new URL('../fixtures/hub/', import.meta.url)

interface HubGolden {
  /** What `save_pretrained` wrote. */
  readonly tensors: NamedTensors
  readonly configFile: HubConfig
  readonly inputs: Readonly<Record<string, GoldenTensor>>
  readonly outputs: Readonly<Record<string, GoldenTensor>>
}

/** What `transformers` made of a case. */
export function hubGolden({ name }: HubCase): HubGolden {
  const read = (file: string) => readFileSync(new URL(`${name}/${file}`, folder))
  const json = (file: string) => JSON.parse(read(file).toString()) as unknown
  return {
    ...(json('expected.json') as Pick<HubGolden, 'inputs' | 'outputs'>),
    tensors: readSafetensors(read('model.safetensors')).tensors,
    configFile: json('config.json') as HubConfig,
  }
}
