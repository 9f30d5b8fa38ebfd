import { describe, expect, it } from 'vitest'
import { defaultsOf } from '../../core/schema.ts'
import { createTokenizer } from '../tokenizers/registry.ts'
import { augmentText } from './augmentText.ts'
import { textAugmentations } from './registry.ts'

/** With synonyms among each other, most of them. */
const words =
  'area country topic subject theme vague obscure autumn fall notorious infamous job occupation business line use utilize apply employ observe notice detect variety assortment mixture vivid lifelike liquor spirits booze prolonged extended lengthy need require take central cardinal key dose'.split(
    ' ',
  )
const vocabSize = words.length
const tokenizer = createTokenizer({ kind: 'words', state: { words: words.slice(1), isLowercase: true } })
const at = { seed: 3, step: 5, row: 2, vocabSize, tokenizer, most: 30 }
const tokens = Int32Array.from({ length: 30 }, (_, i) => i)
const run = (kind: string, params: Record<string, number> = {}, own = tokens, place = at) =>
  augmentText(own, [{ kind, ...defaultsOf(textAugmentations.get(kind).fields), ...params }], place)

describe.each(textAugmentations.all.map(({ id }) => id))('%s', (kind) => {
  it('gives tokens that exist, at least one and no more than before, or than have room, and leaves what it is given alone', () => {
    const before = tokens.slice()
    for (const rate of [0, 0.5, 1])
      for (const length of [1, 2, 30])
        for (let row = 0; row < 20; row++) {
          const found = run(kind, { rate }, tokens.subarray(0, length), { ...at, row, most: length })
          expect(found.length).toBeGreaterThanOrEqual(1)
          expect(found.length).toBeLessThanOrEqual(length)
          expect(found.every((token) => token >= 0 && token < vocabSize)).toBe(true)
        }
    expect(tokens).toEqual(before)
  })

  it('draws by seed, step and row, and by nothing else', () => {
    const first = run(kind, { rate: 0.5 })
    expect(run(kind, { rate: 0.5 })).toEqual(first)
    for (const other of [{ seed: 4 }, { step: 6 }, { row: 3 }])
      expect(run(kind, { rate: 0.5 }, tokens, { ...at, ...other })).not.toEqual(first)
  })
})

const many = Array.from({ length: 400 }, (_, row) => ({ ...at, row }))
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

it('drops about the share that is asked for, and keeps the order', () => {
  const found = many.map((place) => run('drop-tokens', { rate: 0.3 }, tokens, place))
  expect(mean(found.map(({ length }) => length))).toBeCloseTo(30 * 0.7, 0)
  for (const own of found) expect([...own]).toEqual([...own].sort((a, b) => a - b))
  // All of one is never dropped, and which is left is drawn.
  const left = many.map((place) => run('drop-tokens', { rate: 1 }, tokens, place)[0]!)
  expect(new Set(left).size).toBeGreaterThan(15)
})

it('moves no token further than the window, and loses none', () => {
  for (const window of [1, 3, 10])
    for (const place of many.slice(0, 50)) {
      const found = run('shuffle-tokens', { window }, tokens, place)
      expect([...found].sort((a, b) => a - b)).toEqual([...tokens])
      found.forEach((token, i) => expect(Math.abs(token - i)).toBeLessThanOrEqual(window))
    }
})

it('misspells by exchanging neighbours only', () => {
  const found = many.map((place) => run('swap-neighbours', { rate: 0.2 }, tokens, place))
  for (const own of found) {
    expect([...own].sort((a, b) => a - b)).toEqual([...tokens])
    own.forEach((token, i) => expect(Math.abs(token - i)).toBeLessThanOrEqual(1))
  }
  const swaps = mean(found.map((own) => own.filter((token, i) => token === i + 1).length))
  // Of 29 places, those behind a swap are not asked: a share of rate / (1 + rate).
  expect(swaps).toBeCloseTo((29 * 0.2) / 1.2, 0)
})

it('replaces about the share that is asked for, by any token', () => {
  const found = many.map((place) => run('replace-tokens', { rate: 0.4 }, tokens, place))
  const changed = found.map((own) => own.filter((token, i) => token !== i).length)
  expect(mean(changed)).toBeCloseTo(30 * 0.4 * (1 - 1 / vocabSize), 0)
  expect(new Set(found.flatMap((own) => [...own])).size).toBe(vocabSize)
})

it('does several in order, each with numbers of its own', () => {
  const steps = [
    { kind: 'drop-tokens', rate: 0.5 },
    { kind: 'drop-tokens', rate: 0.5 },
  ]
  const twice = augmentText(tokens, steps, at)
  const once = augmentText(tokens, steps.slice(0, 1), at)
  expect(twice.length).toBeLessThan(once.length)
  expect([...twice].every((token) => once.includes(token))).toBe(true)
})

describe('synonyms', () => {
  const charactersOf = (text: string) =>
    createTokenizer({
      kind: 'characters',
      state: { characters: [...new Set(text)].sort().join(''), hasUnknown: false },
    })
  const letters = 'Autumn weather, was vague; LIQUORbozespritwhkyNOSE. '
  const characters = charactersOf(letters)
  const byDefault = defaultsOf(textAugmentations.get('synonyms').fields)
  const say = (text: string, rate: number, row: number, own = characters, most = 512, change = {}) => {
    const setting = { ...at, row, vocabSize: own.vocabSize, tokenizer: own, most }
    return own.decode([
      ...augmentText(
        Int32Array.from(own.encode(text)),
        [{ kind: 'synonyms', ...byDefault, rate, ...change }],
        setting,
      ),
    ])
  }

  it('keep the case of a word, and take none with letters that the tokenizer does not know', () => {
    const found = new Set(many.map(({ row }) => say('Autumn weather, LIQUOR.', 1, row)))
    // “fall” needs an f and an l, “SPIRITS” a T; BOOZE a B and a Z.
    expect([...found]).toEqual(['Autumn weather, LIQUOR.'])
    const more = charactersOf(`${letters}FlBZ`)
    const others = new Set(many.map(({ row }) => say('Autumn weather, LIQUOR.', 1, row, more)))
    expect([...others]).toEqual(['Fall weather, BOOZE.'])
  })

  it('replace about the share that is asked for, of those that have any', () => {
    const text = 'vivid nonsuch vivid nonsuch'
    const own = createTokenizer({
      kind: 'words',
      state: { words: ['vivid', 'nonsuch', 'lifelike'], isLowercase: true },
    })
    const found = many.map(({ row }) => say(text, 0.3, row, own).split(' '))
    expect(mean(found.map((said) => said.filter((word) => word === 'lifelike').length))).toBeCloseTo(0.6, 1)
    for (const said of found) expect([said[1], said[3]]).toEqual(['nonsuch', 'nonsuch'])
  })

  it('are a person’s own, beside those of WordNet or in their place', () => {
    const own = '# in lower case\nvague: hazy, dim\nweather: clime\n'
    const all = charactersOf('vague weather hazy dim clime obscure ')
    const said = (source: string) =>
      new Set(many.map(({ row }) => say('vague weather', 1, row, all, 512, { source, own })))
    expect(said('wordnet')).toEqual(new Set(['obscure weather']))
    expect(said('own')).toEqual(new Set(['hazy clime', 'dim clime']))
    expect(said('both')).toEqual(new Set(['hazy clime', 'dim clime', 'obscure clime']))
    const unknown = charactersOf('vague weather hazy')
    expect(say('vague weather', 1, 0, unknown, 512, { source: 'own', own })).toBe('hazy weather')
  })

  it('are cut where a longer word leaves no room', () => {
    const text = 'vague vague'
    const own = charactersOf('vague obscure')
    const found = many.map(({ row }) => say(text, 1, row, own, 12))
    expect(new Set(found)).toEqual(new Set(['obscure obsc']))
  })
})
