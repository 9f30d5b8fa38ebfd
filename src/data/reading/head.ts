import { normaliseNewlines } from './decodeText.ts'
import { encodingOfHead } from './encoding.ts'

/** How much of a file is looked at to tell its format. */
export const headSizeBytes = 65536

/** The beginning of a file as text, for telling formats apart; damaged characters do not matter for that. */
export function headText(head: Uint8Array): string {
  const encoding = encodingOfHead('file', head) ?? 'utf-8'
  return normaliseNewlines(new TextDecoder(encoding).decode(head))
}

/** Whether the head is only part of a file, so that its last line may be cut. */
export function isHeadCut(head: Uint8Array): boolean {
  return head.length >= headSizeBytes
}

/** The whole lines of the head that are not blank. */
export function headLines(head: Uint8Array): string[] {
  const lines = headText(head).split('\n')
  if (isHeadCut(head)) lines.pop()
  return lines.filter((line) => line.trim() !== '')
}
