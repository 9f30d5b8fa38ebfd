import { missingTokenizer, namedTokenizer } from '../src/core/namedTokenizer.ts'
import type { TokenizerRecord } from '../src/core/prepared.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import { shownName } from '../src/core/shownName.ts'
import type { GivenTokenizer } from '../src/data/preparing/readTokenizer.ts'
import { readTokenizerFile } from '../src/data/tokenizerFile.ts'
import { createTokenizer } from '../src/data/tokenizers/registry.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { readTokenizer, saveTokenizer } from '../src/storage/tokenizerStore.ts'
import type { TokenizerManifest } from '../src/storage/types.ts'
import { readFileBytes } from './readFileBytes.ts'

/** The file that settings name, read from this browser when it is needed. */
export function storedTokenizer(db: BunsenDatabase, data: RunConfig['data']): GivenTokenizer | undefined {
  const named = namedTokenizer(data)
  if (named === null) return undefined
  return {
    async record(): Promise<TokenizerRecord> {
      const bytes = await readTokenizer(db, named.sha256)
      if (bytes !== null) return readTokenizerFile(bytes)
      throw missingTokenizer(named, {
        where: 'this browser does not hold',
        remedy: 'Choose the file under Data › Tokenizer: it is recognised by its hash.',
      })
    },
  }
}

/** Checks a file and stores it. Throws `unreadable-file` and what `readTokenizerFile` and `saveTokenizer` throw. */
export async function storeTokenizer(db: BunsenDatabase, file: File): Promise<TokenizerManifest> {
  const bytes = await readFileBytes(file)
  const record = readTokenizerFile(bytes)
  const { vocabSize } = createTokenizer(record)
  const name = shownName(file.name).slice(0, 255)
  return saveTokenizer(db, bytes, { name, kind: record.kind, vocabSize, createdAt: Date.now() })
}
