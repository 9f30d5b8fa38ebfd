import type { DataConfig } from '../../src/core/runConfig.ts'

/** Settings of data as they are by default, but for some. */
export function dataConfig(change: Partial<DataConfig> = {}): DataConfig {
  return {
    source: { kind: 'bundled', id: 'x' },
    split: { kind: 'tail', fraction: 0.25 },
    images: { size: 0, color: 'as-is' },
    mixing: { kind: 'none' },
    smallCrops: { count: 0, size: 16, minScale: 0.05, maxScale: 0.4 },
    masking: { rate: 0.15 },
    table: { target: '', text: '', targetKind: 'auto', separator: '' },
    transforms: [],
    augmentations: [],
    textAugmentations: [],
    tokenizer: { kind: 'characters', maxVocabSize: 4096 },
    sampler: { kind: 'random-windows' },
    curriculum: { kind: 'none' },
    severity: { kind: 'full' },
    ...change,
  }
}
