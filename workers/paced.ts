import type { ImportProgress } from './protocol.ts'

/** Faster than anybody reads numbers. */
const everyMs = 50

/**
 * Hands progress on at most every 50 ms, and at once where another phase or file begins. Importers tell it with each piece of
 * 64 kB: of 2 GB the page got 60,000 messages, which piled up in its memory before it could read them.
 *
 * @param now milliseconds
 */
export function paced(
  send: (progress: ImportProgress) => void,
  now: () => number = () => performance.now(),
): (progress: ImportProgress) => void {
  let sentAt = -Infinity
  let sent = ''
  return (progress) => {
    const what = `${progress.phase} ${progress.file}`
    if (what === sent && now() - sentAt < everyMs) return
    send(progress)
    sent = what
    sentAt = now()
  }
}
