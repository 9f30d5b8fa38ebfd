import { DataError } from '../core/errors.ts'
import { shownName } from '../core/shownName.ts'
import type { DroppedFile } from '../core/droppedFile.ts'

/** What Chromium has beyond the standard: https://wicg.github.io/file-system-access/. */
interface AskingHandle {
  requestPermission?(of: { mode: 'read' }): Promise<PermissionState>
}

/**
 * Files and folders as they lie on the disk now. Asks the person where the browser wants that, so it is to be called at a
 * click.
 *
 * @throws DataError `file-not-allowed`, `file-gone`
 */
export async function filesOnDisk(handles: readonly FileSystemHandle[]): Promise<DroppedFile[]> {
  const found: DroppedFile[] = []
  for (const handle of handles) {
    const answer = await (handle as FileSystemHandle & AskingHandle).requestPermission?.({ mode: 'read' })
    if (answer !== undefined && answer !== 'granted') throw notAllowed(handle.name)
    try {
      await walk(handle, handle.name, handle, found)
    } catch (cause) {
      throw gone(handle.name, cause)
    }
  }
  return found
}

async function walk(
  handle: FileSystemHandle,
  path: string,
  root: FileSystemHandle,
  found: DroppedFile[],
): Promise<void> {
  if (handle.kind === 'file') {
    found.push({ file: await (handle as FileSystemFileHandle).getFile(), path, handle: root })
    return
  }
  for await (const inner of (handle as FileSystemDirectoryHandle).values())
    await walk(inner, `${path}/${inner.name}`, root, found)
}

function notAllowed(name: string): DataError {
  return new DataError(`${shownName(name)}: the browser was not allowed to read it; nothing was changed`, {
    code: 'file-not-allowed',
    remedy: 'Allow it when the browser asks, or drop the file again.',
  })
}

function gone(name: string, cause: unknown): DataError {
  return new DataError(`${shownName(name)}: cannot be read where it lay; nothing was changed`, {
    code: 'file-gone',
    remedy: 'It was moved, renamed or deleted: drop it again from where it is now.',
    cause,
  })
}
