import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { loadBundledText } from '../../src/data/datasets/bundledNode.ts'
import type { Profile } from '../e2e/app.ts'

export interface LargeText {
  readonly sizeBytes: number
  readonly sha256: string
  readonly lines: number
  readonly characters: number
}

/** A book again and again, each time with a number, so that no two stretches are the same. */
export async function writeLargeText(path: string, leastBytes: number): Promise<LargeText> {
  const book = await loadBundledText('moby-dick')
  const hash = createHash('sha256')
  const [ownLines, ownCharacters] = [book.trim().split('\n').length, [...book.trim()].length]
  let [sizeBytes, lines, characters] = [0, 0, 0]
  const file = openSync(path, 'w')
  for (let i = 0; sizeBytes < leastBytes; i++) {
    const part = Buffer.from(`Copy ${i}\n${book.trim()}\n`)
    hash.update(part)
    writeSync(file, part)
    sizeBytes += part.length
    lines += ownLines + 1
    characters += ownCharacters + `Copy ${i}\n\n`.length
  }
  closeSync(file)
  return { sizeBytes, sha256: hash.digest('hex'), lines, characters }
}

/** Says what the renderer, which holds the page and its workers, has held at most: a page that is left ends its process. */
export function watchMemory(profile: Profile) {
  let mostBytes = 0
  const look = async () => {
    mostBytes = Math.max(mostBytes, (await profile.peakBytes())['renderer'] ?? 0)
  }
  const timer = setInterval(() => void look().catch(() => {}), 1000)
  return {
    async told(what: string): Promise<number> {
      await look()
      const seconds = Math.round(performance.now() / 1000)
      process.stdout.write(`${what} after ${seconds} s, at most ${Math.round(mostBytes / 1e6)} MB\n`)
      const most = mostBytes
      mostBytes = 0
      return most
    },
    end: () => clearInterval(timer),
  }
}
