import { canonicalJson } from '../core/canonicalJson.ts'
import type { DataKind } from '../core/catalog.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { sha256Hex } from '../core/sha256.ts'
import { splits } from './splits/registry.ts'
import { tokenizers } from './tokenizers/registry.ts'
import { transforms } from './transforms/registry.ts'

/** Raised when preparing itself would make other arrays of the same content. */
const versions: Readonly<Record<DataKind, number>> = { text: 1, images: 2, table: 3 }

/** The settings that change the arrays of a kind of content. */
function settingsOf(kind: DataKind, data: DataConfig): object {
  const text = {
    transforms: data.transforms.map((step) => ({ ...step, version: transforms.get(step.kind).version })),
    tokenizer: { ...data.tokenizer, version: tokenizers.get(data.tokenizer.kind).version },
  }
  if (kind === 'images') return { ...text, images: data.images }
  return kind === 'table' ? { ...text, table: data.table } : text
}

/**
 * The key that prepared arrays are stored under: a change of the content, of the code or of a setting that matters
 * gives another. The sampler and the name of the set do not matter, and the seed only to splits that draw.
 */
export function prepareKey(kind: DataKind, contentSha256: string, data: DataConfig, seed: number): string {
  const split = splits.get(data.split.kind)
  const parts = {
    content: contentSha256,
    step: `prepare-${kind}`,
    version: versions[kind],
    ...settingsOf(kind, data),
    split: { ...data.split, version: split.version },
    seed: split.usesSeed ? seed : undefined,
  }
  return sha256Hex(new TextEncoder().encode(canonicalJson(parts)))
}
