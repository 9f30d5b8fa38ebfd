import type { DroppedFile } from '../../runs/datasets.svelte.ts'

/**
 * All files of a drop, folders walked to their ends. To be called within the event: afterwards the browser takes the
 * entries away.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry())
  const files = Array.from(transfer.files, (file) => ({ file, path: file.name }))
  // Files that a page or a test makes have no entries.
  if (!entries.some((entry) => entry?.isDirectory)) return files
  const found: DroppedFile[] = []
  for (const entry of entries) if (entry) await walk(entry, found)
  return found
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
