import type { DroppedFile } from '../../core/droppedFile.ts'

/**
 * All files of a drop, folders walked to their ends. To be called within the event: afterwards the browser takes the
 * entries away.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
  const items = Array.from(transfer.items).filter(({ kind }) => kind === 'file')
  const files = Array.from(transfer.files, (file) => ({ file, path: file.name }))
  const entries = items.map((item) => item.webkitGetAsEntry())
  const handles = await Promise.all(items.map(handleOf))
  const found: DroppedFile[] = []
  for (const [i, entry] of entries.entries()) {
    const of = handles[i] ? { handle: handles[i] } : {}
    if (!entry?.isDirectory) found.push({ ...files[i]!, ...of })
    else {
      const inside: DroppedFile[] = []
      await walk(entry, inside)
      found.push(...inside.map((file) => ({ ...file, ...of })))
    }
  }
  return found
}

/** Chromium's: https://wicg.github.io/file-system-access/#drag-and-drop. */
interface HandleGiver {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
}

/** What a page or a test makes has none. */
async function handleOf(item: DataTransferItem & HandleGiver): Promise<FileSystemHandle | null> {
  return (await item.getAsFileSystemHandle?.().catch(() => null)) ?? null
}

/** Shorter texts are pasted by mistake. UTF-16 units. */
const shortestPaste = 20

/** Files or a text of the clipboard; none where the paste is meant for a field. */
export function pastedFiles(event: ClipboardEvent): DroppedFile[] {
  const { target, clipboardData } = event
  const isField =
    target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]') !== null
  if (isField || clipboardData === null) return []
  const files = Array.from(clipboardData.files, (file) => ({ file, path: file.name }))
  if (files.length > 0) return files
  const text = clipboardData.getData('text/plain')
  if (text.trim().length < shortestPaste) return []
  return [{ file: new File([text], 'pasted'), path: 'pasted' }]
}

async function walk(entry: FileSystemEntry, found: DroppedFile[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    found.push({ file, path: entry.fullPath.replace(/^\//, '') })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // At most a hundred at a time in Chromium, until there are none left.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return
    for (const inner of some) await walk(inner, found)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}
