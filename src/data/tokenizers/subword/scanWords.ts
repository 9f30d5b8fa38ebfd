import { characterClass, classOf } from './characterClass.ts'

/** Takes one word: UTF-16 units `from` to `to` of the text. */
export type TakeWord = (from: number, to: number) => void

const { space, letter, number, other } = characterClass

/**
 * Cuts a text as GPT-2 does, into
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * by hand: an expression would need stack for every character of a long word. Radford et al. 2019; white space is
 * Unicode's, as in Hugging Face's tokenizers, not JavaScript's.
 */
export function scanGpt2(text: string, take: TakeWord): void {
  const { length } = text
  for (let at = 0; at < length;) {
    const end = wordEnd(text, at)
    take(at, end)
    at = end
  }
}

/**
 * Cuts a text as GPT-4 does, with runs of at most `mostDigits` digits (3; Qwen's are 1), into
 *
 *     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 *
 * https://github.com/openai/tiktoken/blob/main/tiktoken_ext/openai_public.py
 */
export function scanGpt4(mostDigits: number): (text: string, take: TakeWord) => void {
  return (text, take) => {
    for (let at = 0; at < text.length;) {
      const end = gpt4WordEnd(text, at, mostDigits)
      take(at, end)
      at = end
    }
  }
}

function gpt4WordEnd(text: string, at: number, mostDigits: number): number {
  const code = text.codePointAt(at)!
  const own = classOf(code)
  const next = at + (code > 0xffff ? 2 : 1)
  if (code === apostrophe) {
    const contraction = contractionEnd(
      text
        .slice(at, at + 3)
        .toLowerCase()
        .replace('ſ', 's'),
      0,
    )
    if (contraction > 0) return at + contraction
  }
  if (own === letter) return runEnd(text, at, letter)
  if (own === number) return runEnd(text, at, number, mostDigits)
  const isNewline = code === 10 || code === 13
  const following = next < text.length ? classAt(text, next) : 0
  if (!isNewline && following === letter) return runEnd(text, next, letter)
  if (own === other || (code === blank && following === other)) {
    let end = runEnd(text, own === other ? at : next, other)
    while (text[end] === '\r' || text[end] === '\n') end++
    return end
  }
  const end = runEnd(text, at, space)
  for (let last = end; last > at; last--) if (text[last - 1] === '\r' || text[last - 1] === '\n') return last
  return end === text.length || end === at + 1 ? end : end - 1
}

function wordEnd(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if (first === apostrophe) {
    const contraction = contractionEnd(text, at)
    if (contraction > 0) return contraction
  }
  // One blank belongs to the word that it stands before.
  const start = first === blank && at + 1 < text.length ? at + 1 : at
  const own = classAt(text, start)
  if (own !== space) return runEnd(text, start, own)
  const end = runEnd(text, at, space)
  if (end === text.length || end === at + 1) return end
  return end - 1 // the last one is left for the word that follows
}

const apostrophe = 0x27
const blank = 0x20

function contractionEnd(text: string, at: number): number {
  const next = text[at + 1]
  if (next === 's' || next === 't' || next === 'm' || next === 'd') return at + 2
  const pair = text.slice(at + 1, at + 3)
  return pair === 're' || pair === 've' || pair === 'll' ? at + 3 : 0
}

function classAt(text: string, at: number): number {
  return classOf(text.codePointAt(at)!)
}

/** Where the run of one class ends that begins at `at`, of at most so many characters. */
function runEnd(text: string, at: number, own: number, most = Infinity): number {
  let end = at
  for (let i = 0; end < text.length && i < most; i++) {
    const code = text.codePointAt(end)!
    if (classOf(code) !== own) break
    end += code > 0xffff ? 2 : 1
  }
  return end
}

/**
 * Where a text can be cut last, so that its words are the same whatever follows: between a character that prints and
 * white space, or a blank. Marks and controls do not count, as normalisation may take them away. 0 where there is no
 * such place.
 */
export function lastWordBreak(text: string, isBlankOnly = false): number {
  for (let at = text.length - 1; at > 0; at--) {
    const unit = text.charCodeAt(at)
    const isBreak = isBlankOnly ? unit === blank : !isSurrogate(unit) && classOf(unit) === space
    if (isBreak && /[\p{L}\p{N}\p{P}\p{S}]$/u.test(text.slice(Math.max(0, at - 2), at))) return at
  }
  return 0
}

const isSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xe000
