import { DataError } from '../../core/errors.ts'

/** A record longer than this is taken for a fault of the file, so that memory stays bounded. UTF-16 units. */
export const maxRecordLength = 16_000_000

export function recordTooLong(name: string, where: string): DataError {
  return new DataError(
    `${name}: ${where} must be at most ${maxRecordLength} characters, got more; nothing was stored`,
    {
      code: 'record-too-long',
      remedy: 'Check for a missing line end or closing quote there, or drop the text as .txt.',
      details: { file: name },
    },
  )
}

/** The lines of a text that comes in pieces, without their ends. */
export async function* splitLines(
  name: string,
  pieces: AsyncIterable<string>,
): AsyncGenerator<string, void, void> {
  let parts: string[] = []
  let heldLength = 0
  let lineNumber = 1
  for await (const piece of pieces) {
    let start = 0
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', start)) {
      yield parts.length === 0 ? piece.slice(start, end) : parts.join('') + piece.slice(start, end)
      parts = []
      heldLength = 0
      lineNumber++
      start = end + 1
    }
    if (start === piece.length) continue
    parts.push(piece.slice(start))
    heldLength += piece.length - start
    if (heldLength > maxRecordLength) throw recordTooLong(name, `line ${lineNumber}`)
  }
  if (parts.length > 0) yield parts.join('')
}
