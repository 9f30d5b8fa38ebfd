import {
  bert,
  digits,
  gpt2,
  inTurn,
  knownPatterns,
  punctuation,
  whitespace,
  whitespaceSplit,
  whole,
  type Cutting,
} from './cuttings.ts'
import { broken, flag, record, unsupported, type Json } from './jsonParts.ts'

const mostSteps = 16
const remedy =
  'ByteLevel, BertPreTokenizer, Whitespace, WhitespaceSplit, Digits, Punctuation, Split by the expressions of GPT-2, GPT-4 and Qwen, and sequences of these are read.'

/** The pre-tokenizer of a file, and whether its words are then taken as bytes. */
export function readCutting(value: unknown): { cutting: Cutting; isByteLevel: boolean } {
  if ((value ?? null) === null) return { cutting: whole, isByteLevel: false }
  const own = record(value, 'pre_tokenizer')
  const list = own['type'] === 'Sequence' ? own['pretokenizers'] : [value]
  if (!Array.isArray(list) || list.length === 0 || list.length > mostSteps)
    throw broken(`pre_tokenizer.pretokenizers must be a list of 1 to ${mostSteps}`, list)
  const steps = list.map((step) => record(step, 'pre_tokenizer'))
  const isByteLevel = steps.at(-1)!['type'] === 'ByteLevel'
  if (steps.slice(0, -1).some(({ type }) => type === 'ByteLevel'))
    throw unsupported('pre_tokenizer', 'ByteLevel before another', remedy)
  const cuttings = steps.map(readStep)
  // A blank would be put before every word.
  if (cuttings.slice(1).some(({ hasPrefixSpace }) => hasPrefixSpace))
    throw unsupported('pre_tokenizer', 'add_prefix_space after another', remedy)
  return { cutting: cuttings.reduce(inTurn), isByteLevel }
}

function readStep(step: Json): Cutting {
  switch (step['type']) {
    case 'ByteLevel': {
      const hasPrefixSpace = flag(step['add_prefix_space'], true, 'pre_tokenizer.add_prefix_space')
      const isCut = flag(step['use_regex'], true, 'pre_tokenizer.use_regex')
      return { ...(isCut ? gpt2 : whole), hasPrefixSpace }
    }
    case 'BertPreTokenizer':
      return bert
    case 'Whitespace':
      return whitespace
    case 'WhitespaceSplit':
      return whitespaceSplit
    case 'Digits':
      return digits(flag(step['individual_digits'], false, 'pre_tokenizer.individual_digits'))
    case 'Punctuation':
      if ((step['behavior'] ?? 'Isolated') === 'Isolated') return punctuation
      throw unsupported('pre_tokenizer.behavior', step['behavior'], remedy)
    case 'Split':
      return readSplit(step)
    default:
      throw unsupported('pre_tokenizer', step['type'], remedy)
  }
}

function readSplit(step: Json): Cutting {
  const pattern = record(step['pattern'], 'pre_tokenizer.pattern')['Regex']
  const isInverted = flag(step['invert'], false, 'pre_tokenizer.invert')
  // What matches is a word: the expressions leave nothing between.
  const isFit = isInverted ? step['behavior'] === 'Removed' : step['behavior'] === 'Isolated'
  if (typeof pattern !== 'string' || !isFit || !Object.hasOwn(knownPatterns, pattern))
    throw unsupported('pre_tokenizer.pattern', pattern ?? step['pattern'], remedy)
  return knownPatterns[pattern]!
}
