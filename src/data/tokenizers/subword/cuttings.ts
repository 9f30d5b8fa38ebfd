import { scanBert } from './bertText.ts'
import { scanGpt2, scanGpt4, type TakeWord } from './scanWords.ts'

/** How a text is cut into words. */
export interface Cutting {
  readonly scan: (text: string, take: TakeWord) => void
  /** Whether a stretch that does not begin with a blank gets one. */
  readonly hasPrefixSpace: boolean
  /** Where words never go on: at white space that follows what prints, at a blank alone, or nowhere. */
  readonly breaks: 'space' | 'blank' | 'never'
}

export const gpt2: Cutting = { scan: scanGpt2, hasPrefixSpace: false, breaks: 'space' }
export const bert: Cutting = { scan: scanBert, hasPrefixSpace: false, breaks: 'space' }
export const whole: Cutting = {
  scan: (text, take) => (text === '' ? undefined : take(0, text.length)),
  hasPrefixSpace: false,
  breaks: 'never',
}
/** Runs of what is no white space. */
export const whitespaceSplit: Cutting = {
  scan: scanRuns((character) => (/\p{White_Space}/u.test(character) ? 0 : 1)),
  hasPrefixSpace: false,
  breaks: 'space',
}
/** Runs of letters, marks, digits and connectors, and runs of the rest but white space. */
export const whitespace: Cutting = {
  scan: scanRuns((character) =>
    /\p{White_Space}/u.test(character)
      ? 0
      : /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]/u.test(character)
        ? 1
        : 2,
  ),
  hasPrefixSpace: false,
  breaks: 'space',
}
/** Numbers apart from the rest; each digit by itself where `isEach`. */
export const digits = (isEach: boolean): Cutting => ({
  scan: scanRuns((character) => (/\p{N}/u.test(character) ? (isEach ? -1 : 1) : 2)),
  hasPrefixSpace: false,
  breaks: 'never',
})
/** Each punctuation mark by itself. */
export const punctuation: Cutting = {
  scan: scanRuns((character) => (/[!-/:-@[-`{-~\p{P}]/u.test(character) ? -1 : 1)),
  hasPrefixSpace: false,
  breaks: 'never',
}

/** Cuts what the first leaves by the second. */
export function inTurn(first: Cutting, second: Cutting): Cutting {
  const kinds = [first.breaks, second.breaks]
  return {
    scan: (text, take) =>
      first.scan(text, (from, to) =>
        second.scan(text.slice(from, to), (start, end) => take(from + start, from + end)),
      ),
    hasPrefixSpace: first.hasPrefixSpace,
    breaks: kinds.includes('blank') ? 'blank' : kinds.includes('space') ? 'space' : 'never',
  }
}

/** Expressions of files that are known to be safe: any other could take for ever on some text. */
export const knownPatterns: Readonly<Record<string, Cutting>> = Object.fromEntries([
  ["'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+", gpt2] as const,
  ...[
    ['\\p{N}{1,3}', 3],
    ['\\p{N}', 1],
  ].map(
    ([number, most]) =>
      [
        `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${number}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
        { scan: scanGpt4(Number(most)), hasPrefixSpace: false, breaks: 'blank' } as Cutting,
      ] as const,
  ),
])

/** Kind 0 is dropped, -1 stands by itself, others make runs. */
function scanRuns(kindOf: (character: string) => number): Cutting['scan'] {
  const known = new Map<number, number>()
  const kindAt = (code: number): number => {
    let kind = known.get(code)
    if (kind === undefined) known.set(code, (kind = kindOf(String.fromCodePoint(code))))
    return kind
  }
  return (text, take) => {
    let start = 0
    let run = 0
    for (let at = 0; at < text.length;) {
      const code = text.codePointAt(at)!
      const kind = kindAt(code)
      if (kind !== run || kind === -1) {
        if (run !== 0 && at > start) take(start, at)
        start = at
        run = kind
      }
      at += code > 0xffff ? 2 : 1
    }
    if (run !== 0 && text.length > start) take(start, text.length)
  }
}
