import { partOf, type PartName } from './partOf.ts'

/** Of a file that is one of several: `train-00000-of-00004`. */
const shard = /-\d+-of-\d+.*$/
/** Between the words of a file's name. */
const between = /[-_.\s]+/

/**
 * The part that each picture lies in: a folder called train, val, test or the like, or a file of such a name that holds it;
 * null unless all lie in one, and some in train and some in another.
 */
export function partsOfPaths(paths: readonly string[]): PartName[] | null {
  return wholeOrNull(paths.map(partOfFolders))
}

/**
 * The part that each file holds: its folder says so, as of pictures, or a word of its own name does, and no other:
 * `train.csv`, `reviews-dev.jsonl`, `test-00000-of-00002.parquet`. null as for pictures.
 */
export function partsOfFiles(paths: readonly string[]): PartName[] | null {
  return wholeOrNull(paths.map((path) => partOfName(path) ?? partOfFolders(path)))
}

/** The folder that a picture lies in, but for that of its part; empty where there is none. */
export function folderOf(path: string, isOfPart: boolean): string {
  const folders = foldersOf(path)
  const part = isOfPart ? folders.findIndex((folder) => partOfFolder(folder) !== null) : -1
  return folders.filter((_, i) => i !== part).at(-1) ?? ''
}

function wholeOrNull(parts: readonly (PartName | null)[]): PartName[] | null {
  const named = parts.filter((part) => part !== null)
  const isWhole = named.length === parts.length
  return isWhole && named.includes('train') && named.some((part) => part !== 'train') ? named : null
}

function partOfName(path: string): PartName | null {
  const words = path.split('/').at(-1)!.replace(shard, '').split(between)
  const named = words.map(partOf).filter((part) => part !== null)
  return named.length === 1 ? named[0]! : null
}

function partOfFolders(path: string): PartName | null {
  return (
    foldersOf(path)
      .map(partOfFolder)
      .find((part) => part !== null) ?? null
  )
}

function foldersOf(path: string): string[] {
  return path.split('/').slice(0, -1)
}

function partOfFolder(folder: string): PartName | null {
  return partOf(folder.replace(shard, ''))
}
