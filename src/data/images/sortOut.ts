import { firstBytes, type ImportSource } from '../reading/source.ts'
import { imageFormat } from './decodeImage.ts'

export interface Sorted {
  readonly images: readonly ImportSource[]
  readonly others: readonly ImportSource[]
}

/** Pictures and all else, told apart by their first bytes. Throws `cancelled`, `unreadable-file`. */
export async function sortOut(
  files: readonly ImportSource[],
  signal: AbortSignal | undefined,
): Promise<Sorted> {
  const images: ImportSource[] = []
  const others: ImportSource[] = []
  for (const file of files) {
    const isImage = file.held
      ? file.held.kind === 'picture'
      : imageFormat(await firstBytes(file, signal)) !== null || isNamedImage(file.name)
    ;(isImage ? images : others).push(file)
  }
  return { images, others }
}

/** A picture that is cut off or damaged at its beginning is still meant as one, and is counted with what cannot be read. */
function isNamedImage(name: string): boolean {
  return /\.(png|jpe?g|gif|webp|bmp|avif|svg)$/i.test(name)
}
