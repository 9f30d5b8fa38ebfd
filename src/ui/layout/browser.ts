import type { DroppedFile } from '../../core/droppedFile.ts'

/** Copies text; false where the browser does not let the page do so. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Lets a person choose files, or a folder with all that is in it; resolves with none when they change their mind. */
export function chooseFiles({ isFolder = false } = {}): Promise<DroppedFile[]> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.webkitdirectory = isFolder
    input.addEventListener('change', () =>
      resolve(
        Array.from(input.files ?? [], (file) => ({ file, path: file.webkitRelativePath || file.name })),
      ),
    )
    input.addEventListener('cancel', () => resolve([]))
    input.click()
  })
}
