import { DataError } from '../../core/errors.ts'
import { throwIfCancelled } from '../cancel.ts'
import type { HeldPicture } from '../reading/held.ts'
import type { Notify } from '../reading/notice.ts'
import { maxSetSizeBytes, tooLarge } from '../reading/sizeLimit.ts'
import { pathOf, readWhole, type ImportSource } from '../reading/source.ts'
import { decodeImage, type Picture } from './decodeImage.ts'
import { longestSide } from './formats/pixels.ts'
import type { ImageSet } from './imageSet.ts'
import { noMetadata, type Metadata } from './metadata.ts'
import { folderOf, partsOfPaths } from '../splits/parts/partsOfPaths.ts'
import { resize } from './resize.ts'
import { inColors, sizeForAll, toSize } from './sizeForAll.ts'

interface Options {
  readonly metadata?: Metadata
  readonly signal?: AbortSignal | undefined
  readonly notify: Notify
  onFile?(file: ImportSource): void
}

/**
 * Pictures to one set, in the order that they are given. Classes come from the metadata, else from the folders that the
 * pictures lie in, where there are two at least; captions and groups from the metadata; parts from folders called train and the like. What cannot be read is left out and counted.
 * Throws DataError `no-images` where nothing is left, `too-large`, `cancelled`, `unreadable-file`.
 */
export async function importImages(files: readonly ImportSource[], options: Options): Promise<ImageSet> {
  const { metadata = noMetadata, signal, notify, onFile } = options
  const pictures: Picture[] = []
  const kept: ImportSource[] = []
  const broken: string[] = []
  let reduced = 0
  let sizeBytes = 0
  for (const file of files) {
    throwIfCancelled(signal)
    const decode = file.held?.kind === 'picture' ? file.held.decode : null
    const bytes = decode ? null : await readWhole(file, signal)
    onFile?.(file)
    try {
      const picture = bytes === null ? await decode!() : await decodeImage(bytes)
      const held = within(picture)
      if (held !== picture) reduced++
      sizeBytes += held.pixels.length
      pictures.push(held)
      kept.push(file)
    } catch (error) {
      if (error instanceof DataError) throw error
      broken.push(`${file.name} (${error instanceof Error ? error.message : String(error)})`)
    }
    if (sizeBytes > maxSetSizeBytes) throw tooLarge(sizeBytes)
  }
  if (pictures.length === 0) {
    throw new DataError(
      `Images: none of ${files.length} could be read, the first being ${broken[0] ?? 'none'}; nothing was stored`,
      {
        code: 'no-images',
        remedy: 'Give PNG, JPEG, WebP, AVIF, GIF, BMP or SVG files.',
        details: { files: files.length },
      },
    )
  }
  if (broken.length > 0)
    notify(
      'warning',
      `${counted(broken.length, 'file')} could not be read and ${were(broken.length)} left out: ${few(broken)}.`,
    )
  if (reduced > 0)
    notify(
      'info',
      `${counted(reduced, 'picture')} ${were(reduced)} made smaller, to at most ${longestSide} pixels a side.`,
    )

  const size = sizeForAll(pictures)
  const fitted = pictures.filter(({ height, width }) => height !== size.height || width !== size.width).length
  if (fitted > 0)
    notify(
      'warning',
      `The pictures have different sizes: ${counted(fitted, 'picture')} ${were(fitted)} cut to the middle and brought to ${size.width} × ${size.height}.`,
    )
  const channels = pictures.every(isGrey) ? 1 : 3
  const perImage = size.height * size.width * channels
  if (pictures.length * perImage > maxSetSizeBytes) throw tooLarge(pictures.length * perImage)
  const pixels = new Uint8Array(pictures.length * perImage)
  pictures.forEach((picture, i) => pixels.set(toSize(inColors(picture, channels), size).pixels, i * perImage))
  return {
    count: pictures.length,
    ...size,
    channels,
    pixels,
    ...toldOf(kept, metadata, notify),
    captions: captionsOf(kept, metadata, notify),
  }
}

function within(picture: Picture): Picture {
  const longest = Math.max(picture.height, picture.width)
  if (longest <= longestSide) return picture
  const side = (value: number) => Math.max(1, Math.round((value * longestSide) / longest))
  const to = { height: side(picture.height), width: side(picture.width) }
  return { ...to, channels: picture.channels, pixels: resize(picture.pixels, picture, to) }
}

function isGrey({ channels, pixels }: Picture): boolean {
  if (channels === 1) return true
  for (let i = 0; i < pixels.length; i += 3)
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return false
  return true
}

/** Labels, which a set has for all or for none; the parts that the pictures came in; and which belong together. */
function toldOf(
  files: readonly ImportSource[],
  { labels, groups }: Metadata,
  notify: Notify,
): Pick<ImageSet, 'classes' | 'labels' | 'groups' | 'parts'> {
  const paths = files.map(pathOf)
  const parts = partsOfPaths(paths)
  const folders = paths.map((path) => folderOf(path, parts !== null))
  const together = paths.map((path) => groups(path) ?? '')
  const told = {
    ...(together.some((group) => group !== '') && { groups: together }),
    ...(parts && { parts }),
  }
  const known = files.map((file) => heldOf(file)?.label ?? labels(pathOf(file)))
  const without = known.filter((label) => label === null).length
  if (without > 0 && without < files.length)
    notify(
      'warning',
      `${counted(without, 'picture')} of ${files.length} have no label in the metadata: classes are taken from the folders.`,
    )
  const names = without === 0 ? known.map((label) => label!) : folders
  const classes = [...new Set(names)].sort()
  if (classes.length < 2) return { classes: [], labels: new Int32Array(0), ...told }
  const places = new Map(classes.map((name, i) => [name, i]))
  return {
    classes: classes.map((name) => name || 'no folder'),
    labels: Int32Array.from(names, (name) => places.get(name)!),
    ...told,
  }
}

/** A picture without a caption gets an empty one; a set without any has none. */
function captionsOf(files: readonly ImportSource[], { captions }: Metadata, notify: Notify): string[] {
  const known = files.map((file) => heldOf(file)?.caption ?? captions(pathOf(file)) ?? '')
  const without = known.filter((caption) => caption === '').length
  if (without === files.length) return []
  if (without > 0) notify('warning', `${counted(without, 'picture')} of ${files.length} have no caption.`)
  return known
}

function heldOf({ held }: ImportSource): HeldPicture | null {
  return held?.kind === 'picture' ? held : null
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function were(count: number): string {
  return count === 1 ? 'was' : 'were'
}

function few(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
}
