import type { TakeWord } from './scanWords.ts'

export interface BertNormalization {
  /** Takes control characters out and makes all white space blanks. */
  readonly cleansText: boolean
  /** Makes each Chinese character a word. */
  readonly partsChinese: boolean
  readonly stripsAccents: boolean
  readonly isLowercase: boolean
}

const whiteSpace = /\p{White_Space}/u
const control = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\ufffd]/gu
const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu

/** What BERT makes of a text before it is cut (Devlin et al. 2018), in the order of Hugging Face's BertNormalizer. */
export function normalizeBert(text: string, options: BertNormalization): string {
  let out = text
  if (options.cleansText) out = out.replace(control, '').replace(/\p{White_Space}/gu, ' ')
  if (options.partsChinese) out = out.replace(chinese, ' $& ')
  if (options.stripsAccents) out = out.normalize('NFD').replace(/\p{Mn}/gu, '')
  return options.isLowercase ? lowercase(out) : out
}

/** Character by character: a sigma at the end of a word is no other one. */
export function lowercase(text: string): string {
  return text.replaceAll('Σ', 'σ').toLowerCase()
}

const punctuation = /[!-/:-@[-`{-~\p{P}]/u

/** Cuts at white space, which is dropped, and around each punctuation mark, as BERT does. */
export function scanBert(text: string, take: TakeWord): void {
  let start = 0
  const close = (end: number) => {
    if (end > start) take(start, end)
  }
  for (let at = 0; at < text.length;) {
    const code = text.codePointAt(at)!
    const end = at + (code > 0xffff ? 2 : 1)
    const kind = kindOf(code)
    if (kind !== 0) {
      close(at)
      if (kind === 2) take(at, end)
      start = end
    }
    at = end
  }
  close(text.length)
}

/** 0 in a word, 1 white space, 2 punctuation. */
function kindOf(code: number): 0 | 1 | 2 {
  if (code < 128) return asciiKinds[code]!
  const character = String.fromCodePoint(code)
  return whiteSpace.test(character) ? 1 : punctuation.test(character) ? 2 : 0
}

const asciiKinds = Array.from({ length: 128 }, (_, code): 0 | 1 | 2 => {
  const character = String.fromCharCode(code)
  return whiteSpace.test(character) ? 1 : punctuation.test(character) ? 2 : 0
})
