import { defineTransform } from './defineTransform.ts'

/**
 * Characters that compose with what stands before them: marks, the Hangul vowels and finals, the Kirat Rai vowels.
 * Before every other one a text can be cut and its parts normalised by themselves.
 */
const joinsBackward = /[\p{M}\u1161-\u11ff\u{16d40}-\u{16d7f}]/u
/** A pile of marks longer than this is cut anyway, so that memory stays bounded. UTF-16 units. */
const maxHeld = 65536

/** Where the last character starts that begins a new unit; the end of the text when there is none near. */
function lastCut(text: string): number {
  for (let end = text.length; end > 0 && text.length - end < maxHeld;) {
    const start = end > 1 && isLowSurrogate(text.charCodeAt(end - 1)) ? end - 2 : end - 1
    if (!joinsBackward.test(text.slice(start, end))) return start
    end = start
  }
  return text.length < maxHeld ? 0 : text.length
}

/** Normalization Form C, https://unicode.org/reports/tr15/ */
export default defineTransform({
  id: 'nfc',
  order: 1,
  version: 1,
  title: 'Compose characters (NFC)',
  summary: 'Writes letters with accents in one way, so that equal looking texts are equal.',
  link: 'https://unicode.org/reports/tr15/',
  fields: {},
  create() {
    let held = ''
    return {
      push(piece) {
        const text = held + piece
        const cut = lastCut(text)
        held = text.slice(cut)
        return text.slice(0, cut).normalize('NFC')
      },
      end() {
        const rest = held.normalize('NFC')
        held = ''
        return rest
      },
    }
  },
})

const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit < 0xe000
