import { describe, expect, it } from 'vitest'
import { dataConfig } from '../../../tests/helpers/dataConfig.ts'
import { readFiles } from '../../../tests/helpers/importedFiles.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { describeSet } from '../inspect/describeSet.ts'
import { itemBatch } from '../itemBatch.ts'
import { prepare } from '../prepare.ts'
import { memorySource } from '../reading/source.ts'
import { targetWords } from '../targetWords.ts'
import { areLabelLists, readLabelSets, separatorOf } from './labelSets.ts'
import { writeTable } from './writeTable.ts'

const moods = ['red|round', 'round', 'red|small|round', 'small', 'red|small', 'round|red']

describe('cells that name several classes', () => {
  it.each([
    ['|', moods],
    [';', moods.map((cell) => cell.replaceAll('|', '; '))],
    [',', moods.map((cell) => cell.replaceAll('|', ', '))],
  ])('are told by what stands between them: %s', (separator, cells) => {
    expect(separatorOf(cells)).toBe(separator)
    const { labels, sets } = readLabelSets('tags', cells, '')
    expect(labels).toEqual(['red', 'round', 'small'])
    expect(sets).toEqual([[0, 1], [1], [0, 1, 2], [2], [0, 2], [0, 1]])
  })

  it('are told where all combinations come', () => {
    expect(separatorOf(['a;c', 'a;d', 'b;c', 'b;d', 'a;c'])).toBe(';')
  })

  it.each([
    ['one class each', ['a', 'b', 'a', 'b']],
    ['classes with a sign in them that always stand alone', ['a;b', 'c;d', 'a;b', 'c;d']],
    ['places with their countries', ['Rome, Italy', 'Pisa, Italy', 'Rome, Italy', 'Pisa, Italy']],
    ['sentences', ['Well, I went home.', 'You, too, were late.', 'Oh, we all were.', 'No, not me.']],
  ])('are not seen in %s', (_title, cells) => {
    expect(separatorOf(cells)).toBeNull()
  })

  it('may be lists, some of them empty, and a name counts once', () => {
    const cells = ['["a","b"]', '[]', '["b", "b", " a "]', '[3]', '[3]']
    expect(areLabelLists(cells)).toBe(true)
    expect(readLabelSets('tags', cells, ';')).toEqual({
      labels: ['3', 'a', 'b'],
      sets: [[1, 2], [], [1, 2], [0], [0]],
    })
    for (const other of [['[1, 2', '[1]'], ['[{"a":1}]'], ['[1,2]', '[3,4]'], ['x', '["a"]'], []])
      expect(areLabelLists(other)).toBe(false)
  })

  it('are refused by name where there are none, or too many to be classes', () => {
    const refusal = (message: RegExp, remedy: RegExp) =>
      expect.objectContaining({
        code: 'table-target',
        message: expect.stringMatching(message) as string,
        remedy: expect.stringMatching(remedy) as string,
      }) as Error
    expect(() => readLabelSets('tags', ['[]', '[]'], '')).toThrow(refusal(/tags .* got 0$/, /empty/))
    const many = Array.from({ length: 1001 }, (_, i) => `word${i}`)
    expect(() => readLabelSets('tags', many, '')).toThrow(refusal(/got 1001$/, /data\.table\.separator/))
  })
})

async function prepared(text: string, table: Partial<DataConfig['table']>) {
  return await prepare({
    kind: 'table',
    async *content() {
      yield new TextEncoder().encode(text)
    },
    sizeBytes: text.length,
    contentSha256: 'a'.repeat(64),
    data: dataConfig({
      split: { kind: 'random-items', fraction: 0.25 },
      tokenizer: { kind: 'words', maxVocabSize: 99, minCount: 1, isLowercase: true },
      table: { ...dataConfig().table, ...table },
    }),
    seed: 1,
  })
}

describe('a table of them', () => {
  const rows = [...moods, ...moods].map((tags, i) => [String(i), tags, i % 2 === 0 ? 'x' : 'y'])
  const text = writeTable([['size', 'tags', 'kind'], ...rows])

  it('becomes rows of 0 and 1, of the column that has them, and shares of the training part', async () => {
    const { train, coding } = await prepared(text, { targetKind: 'labels' })
    const { facts } = coding
    expect(facts).toMatchObject({ classes: [], labels: ['red', 'round', 'small'] })
    expect(coding.table!.target).toEqual({ name: 'tags', kind: 'labels', values: facts.labels })
    const places = Int32Array.from({ length: train.count }, (_, i) => i)
    const request = {
      part: train,
      places,
      coding,
      augmentations: [],
      textAugmentations: [],
      mixing: { kind: 'none' } as const,
      drawing: null,
    }
    const { labelSets, features } = itemBatch(
      { labelSets: { perItem: 3 }, features: { perItem: 3 } },
      request,
    )
    const { mean, deviation } = coding.table!.inputs[0] as { mean: number; deviation: number }
    const sums = [0, 0, 0]
    places.forEach((place) => {
      const row = rows[Math.round(features![3 * place]! * deviation + mean)]!
      const own = facts.labels!.map((label) => Number(row[1]!.split('|').includes(label)))
      expect([...labelSets!.subarray(3 * place, 3 * place + 3)]).toEqual(own)
      own.forEach((value, label) => (sums[label]! += value / train.count))
      expect(targetWords(train, place, coding)!.split(', ').sort()).toEqual(row[1]!.split('|').sort())
    })
    facts.labelShares!.forEach((share, label) => expect(share).toBeCloseTo(sums[label]!, 12))
  })

  it('is taken as classes where nobody says that there are several, as ever', async () => {
    const { coding } = await prepared(text, { target: 'tags' })
    expect(coding.facts.classes).toHaveLength(6)
    expect(coding.facts.labels).toBeUndefined()
  })

  it('is found by itself in lists of JSON lines, with their texts', async () => {
    const lines = moods.map((tags, i) =>
      JSON.stringify({ tags: tags.split('|'), text: `A text of some length, with the number ${i}` }),
    )
    const source = memorySource('tags.jsonl', [...lines, ...lines].join('\n'))
    const { content, summary } = await readFiles([source])
    expect(summary.kind).toBe('table')
    const whole = new TextDecoder().decode(content)
    const { suggestion } = await describeSet('table', asPieces(whole))
    expect(suggestion).toMatchObject({ task: 'multi-label-classification', target: 'tags' })
    const { coding } = await prepared(whole, { target: 'tags', text: 'text' })
    expect(coding.facts).toMatchObject({ labels: ['red', 'round', 'small'], textTokens: 10 })
    const byItself = await prepared(whole, { targetKind: 'labels', text: 'text' })
    expect(byItself.coding.table!.target.name).toBe('tags')
  })

  it('is suggested for what is called as classes are', async () => {
    const named = writeTable([['size', 'label'], ...rows.map(([size, tags]) => [size!, tags!])])
    expect((await describeSet('table', asPieces(named))).suggestion).toMatchObject({
      task: 'multi-label-classification',
      target: 'label',
      why: 'label holds several classes in a cell.',
    })
  })
})

async function* asPieces(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
