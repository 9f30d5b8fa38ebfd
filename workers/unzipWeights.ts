import { shownName } from '../src/core/shownName.ts'
import { weightsAmong } from '../src/core/weightsAmong.ts'
import zip from '../src/data/containers/zip.ts'
import { blobSource, firstBytes, readChunks, type ImportSource } from '../src/data/reading/source.ts'
import type { WeightsFiles } from './protocol.ts'

/**
 * Weights in a zip, as `zipModel` packs them, with what lies beside them; null where it holds something else. The weights
 * keep the name of the zip, which is the one that people know.
 *
 * @throws DataError `unreadable-file`, `broken-archive`, `unreadable-archive`, `too-large`
 */
export async function unzipWeights(file: File): Promise<WeightsFiles | null> {
  const source = blobSource(file, shownName(file.name))
  if (!zip.matches(await firstBytes(source, undefined))) return null
  const inside = await zip.open(source, { signal: undefined, notify: () => undefined })
  const found = inside && weightsAmong(inside, ({ name }) => name)
  if (found === null) return null
  const { weights, config, tokenizer } = found
  return {
    file: await unpacked(weights, file.name),
    configFile: config && (await unpacked(config, config.name)),
    tokenizer: tokenizer && (await unpacked(tokenizer, tokenizer.name)),
  }
}

async function unpacked(source: ImportSource, name: string): Promise<File> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of readChunks(source, undefined)) parts.push(chunk.slice())
  return new File(parts, name)
}
