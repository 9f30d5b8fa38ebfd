import { partOf, type PartName } from '../splits/parts/partOf.ts'

/** Of a file that is one of several: `train-00000-of-00004`. */
const shard = /-\d+-of-\d+.*$/

/**
 * The part that each picture lies in: a folder called train, val, test or the like, or a file of such a name that holds it;
 * null unless all lie in one, and some in train and some in another.
 */
export function partsOfPaths(paths: readonly string[]): PartName[] | null {
  const parts = paths.map(
    (path) =>
      foldersOf(path)
        .map(partOfFolder)
        .find((part) => part !== null) ?? null,
  )
  const isWhole = parts.every((part) => part !== null)
  return isWhole && parts.includes('train') && parts.some((part) => part !== 'train') ? parts : null
}

/** The folder that a picture lies in, but for that of its part; empty where there is none. */
export function folderOf(path: string, isOfPart: boolean): string {
  const folders = foldersOf(path)
  const part = isOfPart ? folders.findIndex((folder) => partOfFolder(folder) !== null) : -1
  return folders.filter((_, i) => i !== part).at(-1) ?? ''
}

function foldersOf(path: string): string[] {
  return path.split('/').slice(0, -1)
}

function partOfFolder(folder: string): PartName | null {
  return partOf(folder.replace(shard, ''))
}
