import { lowercase, normalizeBert } from './bertText.ts'
import { broken, flag, record, unsupported } from './jsonParts.ts'

type Normalize = (text: string) => string

const mostSteps = 16

/** The normalizer of a file; null where it has none. Sequences do not hold sequences. */
export function readNormalizer(value: unknown): Normalize | null {
  if ((value ?? null) === null) return null
  const normalizer = record(value, 'normalizer')
  if (normalizer['type'] !== 'Sequence') return readStep(value)
  const { normalizers } = normalizer
  if (!Array.isArray(normalizers) || normalizers.length > mostSteps)
    throw broken(`normalizer.normalizers must be a list of at most ${mostSteps}`, normalizers)
  const steps = normalizers.map(readStep)
  return (text) => steps.reduce((held, step) => step(held), text)
}

function readStep(value: unknown): Normalize {
  const step = record(value, 'normalizer')
  const { type } = step
  switch (type) {
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return (text) => text.normalize(type)
    case 'Lowercase':
      return lowercase
    case 'StripAccents':
      return (text) => text.replace(/\p{Mn}/gu, '')
    case 'BertNormalizer': {
      const isLowercase = flag(step['lowercase'], true, 'normalizer.lowercase')
      const options = {
        cleansText: flag(step['clean_text'], true, 'normalizer.clean_text'),
        partsChinese: flag(step['handle_chinese_chars'], true, 'normalizer.handle_chinese_chars'),
        // BERT strips them where it lowers letters.
        stripsAccents: flag(step['strip_accents'], isLowercase, 'normalizer.strip_accents'),
        isLowercase,
      }
      return (text) => normalizeBert(text, options)
    }
    default:
      throw unsupported(
        'normalizer',
        type,
        'NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, BertNormalizer and sequences of these are read.',
      )
  }
}
