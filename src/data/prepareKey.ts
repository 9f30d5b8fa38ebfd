import { canonicalJson } from '../core/canonicalJson.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { sha256Hex } from '../core/sha256.ts'
import { splits } from './splits/registry.ts'
import { tokenizers } from './tokenizers/registry.ts'
import { transforms } from './transforms/registry.ts'

/** Raised when `prepareText` itself would make other arrays of the same text. */
const prepareVersion = 1

/**
 * The key that prepared arrays are stored under: a change of the content, of the code or of a setting that matters
 * gives another. The sampler and the name of the set do not matter, and the seed only to splits that draw.
 */
export function prepareKey(contentSha256: string, data: DataConfig, seed: number): string {
  const split = splits.get(data.split.kind)
  const parts = {
    content: contentSha256,
    step: 'prepare-text',
    version: prepareVersion,
    transforms: data.transforms.map((step) => ({ ...step, version: transforms.get(step.kind).version })),
    tokenizer: { ...data.tokenizer, version: tokenizers.get(data.tokenizer.kind).version },
    split: { ...data.split, version: split.version },
    seed: split.usesSeed ? seed : undefined,
  }
  return sha256Hex(new TextEncoder().encode(canonicalJson(parts)))
}
