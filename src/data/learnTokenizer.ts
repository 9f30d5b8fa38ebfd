import { ConfigError } from '../core/errors.ts'
import { parse, formatIssue, type ConfigValue } from '../core/schema.ts'
import type { TokenizerRecord } from '../core/prepared.ts'
import type { LearningHooks } from './tokenizers/defineTokenizer.ts'
import { tokenizers } from './tokenizers/registry.ts'

export interface LearnTokenizerSettings {
  readonly kind: string
  /** null as the kind has it. */
  readonly vocabSize: number | null
  readonly minCount: number | null
  /** Keeps capitals and accents, where the kind can take them away. */
  readonly isCased: boolean
  /** Tokens of their own, which have the first ids. */
  readonly special: readonly string[]
}

/**
 * A tokenizer by itself, learned from a text in pieces.
 * @throws ConfigError `bad-arguments` for a setting that the kind does not have, or out of its bounds; DataError `cancelled`
 */
export async function learnTokenizer(
  pieces: AsyncIterable<string>,
  settings: LearnTokenizerSettings,
  hooks: LearningHooks = {},
): Promise<TokenizerRecord> {
  const { kind, vocabSize, minCount, isCased, special } = settings
  const { fields, train } = tokenizers.get(kind)
  const wanted: Record<string, ConfigValue> = {}
  const set = (names: readonly string[], value: ConfigValue, what: string) => {
    const own = names.filter((name) => name in fields)
    if (own.length === 0) throw bad(`a ${kind} tokenizer has no ${what}`)
    for (const name of own) wanted[name] = value
  }
  if (vocabSize !== null) set(['vocabSize', 'maxVocabSize'], vocabSize, 'size of the vocabulary')
  if (minCount !== null) set(['minCount'], minCount, 'least count')
  if (isCased) set(['isLowercase', 'stripsAccents'], false, 'capitals to keep')
  const parsed = parse({ type: 'group', label: '', help: '', fields }, wanted)
  if (!parsed.isValid) throw bad(formatIssue(parsed.issues[0]!))
  const params = parsed.value as Record<string, ConfigValue>
  checkSpecial(kind, special)
  const state = await train(pieces, params, { ...hooks, special })
  return { kind, state }
}

function checkSpecial(kind: string, special: readonly string[]): void {
  if (special.length > 0 && !tokenizers.get(kind).hasSpecial)
    throw bad(`a ${kind} tokenizer has no special tokens`)
  if (new Set(special).size < special.length) throw bad('special tokens must be distinct')
  const wrong = special.find(
    (token) => Array.from(token).length < 2 || /\s/.test(token) || token.startsWith('##'),
  )
  if (wrong !== undefined)
    throw bad(
      `special tokens must have two characters or more, no white space and no ## first, got ${JSON.stringify(wrong)}`,
    )
}

function bad(message: string): ConfigError {
  return new ConfigError(`Tokenizer: ${message}`, {
    code: 'bad-arguments',
    remedy: 'See `npm run bunsen -- help tokenize`.',
  })
}
