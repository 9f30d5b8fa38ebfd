import { describe, expect, it } from 'vitest'
import { dataConfig } from '../../../tests/helpers/dataConfig.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { itemBatch } from '../itemBatch.ts'
import { itemView } from '../itemView.ts'
import { createTokenizer } from '../tokenizers/registry.ts'
import { prepare as prepareSet } from '../prepare.ts'
import { codeColumn, numbersOf } from './columns.ts'
import { parseTable } from './parseTable.ts'

const penguins = `species,island,mass (g),sex
Adelie,Torgersen,3750,male
Adelie,Biscoe,NA,female
Gentoo,Biscoe,5000,
Gentoo,Biscoe,5200,male
Chinstrap,Dream,3700,female
Chinstrap,Dream,?,male
Adelie,Dream,3500,female
Gentoo,Biscoe,4900,female
`

function prepare(text: string, table: Partial<DataConfig['table']> = {}, fraction = 0.25) {
  const bytes = new TextEncoder().encode(text)
  return prepareSet({
    kind: 'table',
    async *content() {
      yield bytes
    },
    sizeBytes: bytes.length,
    contentSha256: 'a'.repeat(64),
    data: dataConfig({
      split: { kind: 'tail', fraction },
      table: { target: '', text: '', targetKind: 'auto', separator: '', ...table },
    }),
    seed: 1,
  })
}

describe('a table', () => {
  it('is read with its header, also where numbers are missing', () => {
    const { columns, rows, skipped } = parseTable(penguins)
    expect(columns).toEqual(['species', 'island', 'mass (g)', 'sex'])
    expect(rows).toHaveLength(8)
    expect(skipped).toBe(0)
  })

  it('is read without a header, with any delimiter, and names columns that have no name or one that is taken', () => {
    expect(parseTable('1;2\n3;4\n5;6\n').columns).toEqual(['column 1', 'column 2'])
    expect(parseTable('a\ta\tlabel\n1\t2\tx\n3\t4\ty\n').columns).toEqual(['a', 'a (2)', 'label'])
  })

  it('leaves out rows of another length and says how many', () => {
    expect(parseTable(`${penguins}\nalone\n1,2\n`)).toMatchObject({ skipped: 2, rows: { length: 8 } })
  })

  it('is refused where a quote is never closed, and where it is no table', () => {
    expect(() => parseTable('a,b\n"1,2\n3,4\n')).toThrow(expect.objectContaining({ code: 'broken-csv' }))
    for (const text of ['', 'a,b\n', 'one column\nonly\n'])
      expect(() => parseTable(text)).toThrow(expect.objectContaining({ code: 'table-too-small' }))
  })
})

describe('a prepared table', () => {
  it('standardises numbers, gives each value of a category a feature, and takes the mean for what is missing', async () => {
    const { train, validation, coding } = await prepare(penguins, { target: 'species' })
    expect([train.count, validation.count]).toEqual([6, 2])
    expect(coding.facts).toEqual({
      numFeatures: 3 + 1 + 3,
      classes: ['Adelie', 'Chinstrap', 'Gentoo'],
      classCounts: [0, 1, 2].map((label) => train.arrays['labels']!.filter((own) => own === label).length),
    })
    const [island, mass, sex] = coding.table!.inputs
    expect(island).toEqual({ name: 'island', kind: 'category', values: ['Biscoe', 'Dream', 'Torgersen'] })
    expect(sex).toEqual({ name: 'sex', kind: 'category', values: ['', 'female', 'male'] })
    // 3750, 5000, 5200 and 3700: the training part's alone.
    const numbers = [3750, 5000, 5200, 3700]
    const mean = numbers.reduce((sum, value) => sum + value, 0) / 4
    const deviation = Math.sqrt(numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4)
    expect(mass).toEqual({ name: 'mass (g)', kind: 'number', mean, deviation })
    const row = (part: typeof train, i: number) => [...part.arrays['features']!.subarray(7 * i, 7 * (i + 1))]
    expect(row(train, 0)).toEqual([0, 0, 1, Math.fround((3750 - mean) / deviation), 0, 0, 1])
    expect(row(train, 1)).toEqual([1, 0, 0, 0, 0, 1, 0])
    expect(row(train, 2).slice(4)).toEqual([1, 0, 0])
    expect(row(validation, 1)[3]).toBeCloseTo((4900 - mean) / deviation, 6)
    expect([...train.arrays['labels']!]).toEqual([0, 0, 2, 2, 1, 1])
  })

  it('scales numbers whose squares or sums no number holds', () => {
    const cells = ['1e308', '-1e308', '1.5e308', '', '0']
    const coding = codeColumn('huge', cells)!
    const out = new Float32Array(cells.length)
    cells.forEach((cell, i) => numbersOf(coding, cell, out, i))
    const there = [1, -1, 1.5, 0]
    const mean = 1.5 / 4
    const deviation = Math.sqrt(there.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4)
    const expected = [1, -1, 1.5, mean, 0].map((value) => (value - mean) / deviation)
    expected.forEach((value, i) => expect(out[i]).toBeCloseTo(value, 6))
  })

  it('learns a number in standard deviations and leaves out rows without one', async () => {
    const { train, validation, coding } = await prepare(penguins, { target: 'mass (g)' }, 0.3)
    expect(train.count + validation.count).toBe(6)
    const { mean, deviation } = coding.facts.target!
    const values = [...train.arrays['targets']!].map((value) => Math.round(value * deviation + mean))
    expect(values).toEqual([3750, 5000, 5200, 3700])
    expect(coding.facts.classes).toEqual([])
  })

  it('takes the last column without a target, and numbers for classes where it is told', async () => {
    const text = 'a,b,size\n1,2,10\n2,1,2\n3,5,10\n4,2,2\n'
    expect((await prepare(text)).coding.facts.target).toBeDefined()
    expect((await prepare(text, { targetKind: 'class' })).coding.facts.classes).toEqual(['2', '10'])
  })

  it('takes numbers for classes where they can be nothing else, and for numbers where it is told', async () => {
    const [named, binary] = ['a,b,label\n1,2,10\n2,1,2\n3,5,10\n4,2,2\n', 'a,won\n1,0\n2,1\n3,1\n4,0\n']
    expect((await prepare(named)).coding.facts.classes).toEqual(['2', '10'])
    expect((await prepare(binary)).coding.facts.classes).toEqual(['0', '1'])
    // One class by its value, two by how it is written.
    expect((await prepare(binary.replace('4,0', '4,0.0'))).coding.facts.target).toBeDefined()
    for (const text of [named, binary])
      expect((await prepare(text, { targetKind: 'number' })).coding.facts.target).toBeDefined()
  })

  it('knows no category that only the validation has', async () => {
    const { validation, coding } = await prepare('kind,size,label\na,1,x\nb,2,y\na,3,x\nc,4,y\n')
    expect(coding.table!.inputs[0]).toMatchObject({ values: ['a', 'b'] })
    expect([...validation.arrays['features']!.subarray(0, 2)]).toEqual([0, 0])
  })

  const reviews = `review,stars,mood\n${Array.from(
    { length: 120 },
    (_, i) => `thing ${i} is ${i % 2 ? 'good' : 'bad'},${i % 5},${i % 2 ? 'glad' : 'sad'}\n`,
  ).join('')}`

  it('codes a column of texts beside the others, with the words of all', async () => {
    const { train, coding } = await prepare(reviews, { target: 'mood' })
    expect(coding.table!.inputs.map(({ name }) => name)).toEqual(['stars'])
    const { textTokens, vocabSize } = coding.facts
    expect([textTokens, coding.tokenizer?.kind]).toEqual(['thing 119 is good'.length, 'characters'])
    const tokenizer = createTokenizer(coding.tokenizer!)
    expect(tokenizer.vocabSize).toBe(vocabSize)
    const second = train.arrays['texts']!.subarray(textTokens!, 2 * textTokens!).filter((token) => token >= 0)
    expect(tokenizer.decode(second)).toBe('thing 1 is good')
    expect(itemView(train, 1, coding)).toMatchObject({
      kind: 'row',
      cells: [
        ['text', 'thing 1 is good'],
        ['stars', '1'],
      ],
    })
  })

  it('shows numbers as they were written, large ones and nothing too', async () => {
    const written = ['0', '1234567', '-0.25', '22', '7', '3.5', '100', '999999']
    const rows = written.map((number, i) => `${number},${i % 2 ? 'odd' : 'even'}\n`).join('')
    const { train, coding } = await prepare(`number,kind\n${rows}`)
    const shown = Array.from({ length: train.count }, (_, place) => {
      const view = itemView(train, place, coding)
      return view?.kind === 'row' ? Number(view.cells[0]![1]) : NaN
    })
    // 32 bits of a standardised number of a million are good for a half.
    for (const number of shown)
      expect(Math.min(...written.map((own) => Math.abs(Number(own) - number)))).toBeLessThanOrEqual(0.5)
    const small = await prepare('number,kind\n0,a\n7,b\n14,a\n21,b\n5,a\n12,b\n19,a\n3,b\n')
    const seen = Array.from({ length: small.train.count }, (_, place) =>
      itemView(small.train, place, small.coding),
    )
    for (const view of seen)
      expect(view?.kind === 'row' && view.cells[0]![1]).toMatch(/^(0|7|14|21|5|12|19|3)$/)
  })

  it('takes a column that is called as classes are for the target, and one that is named for the text', async () => {
    const { coding } = await prepare(reviews)
    expect(coding.table!.target.name).toBe('stars')
    const named = await prepare(reviews, { target: 'stars', targetKind: 'class', text: 'mood' })
    expect(named.coding.facts).toMatchObject({ textTokens: 4, classes: ['0', '1', '2', '3', '4'] })
    await expect(prepare(reviews, { text: 'reviews' })).rejects.toThrow(/the text must be one of its columns/)
  })

  it('of texts alone has no features, which table tasks refuse and text tasks do not need', async () => {
    const { coding } = await prepare(reviews.replace(/,\d(?=,)/g, '').replace(',stars', ''), {
      target: 'mood',
    })
    expect(coding.facts).toMatchObject({ numFeatures: 0, classes: ['glad', 'sad'] })
  })

  const pairs = `en,de,fr
${Array.from({ length: 12 }, (_, i) => `word ${i},Wort ${i}!,mot ${i}\n`).join('')}`

  it('codes a text that is to be written with the text that is read, in one vocabulary', async () => {
    const { train, validation, coding } = await prepare(pairs, {
      text: 'en',
      target: 'de',
      targetKind: 'text',
    })
    const { facts, tokenizer, table } = coding
    expect(table!.target).toEqual({ name: 'de', kind: 'text' })
    expect(facts).toMatchObject({
      textTokens: 'word 11'.length,
      targetTokens: 'Wort 11!'.length,
      classes: [],
    })
    const { decode, vocabSize } = createTokenizer(tokenizer!)
    expect(vocabSize).toBe(facts.vocabSize)
    const specs = { texts: { perItem: 9 }, targetIds: { perItem: 10 }, targetNext: { perItem: 10 } }
    const batch = itemBatch(specs, {
      part: train,
      places: Int32Array.of(3, 0),
      coding,
      augmentations: [],
      textAugmentations: [],
      mixing: { kind: 'none' },
      drawing: null,
    })
    const [start, end] = [vocabSize, vocabSize + 1]
    const wanted = [...batch['targetNext']!.subarray(0, 10)]
    expect(decode(wanted.slice(0, 7))).toBe('Wort 3!')
    expect(wanted.slice(7)).toEqual([end, -1, -1])
    expect([...batch['targetIds']!.subarray(0, 10)]).toEqual([start, ...wanted.slice(0, 7), 0, 0])
    expect(decode(batch['texts']!.subarray(9, 15))).toBe('word 0')
    // Cut where the model reads no more: there is no end.
    const short = itemBatch(
      { targetNext: { perItem: 4 } },
      {
        part: validation,
        places: Int32Array.of(0),
        coding,
        augmentations: [],
        textAugmentations: [],
        mixing: { kind: 'none' },
        drawing: null,
      },
    )
    expect(decode(short['targetNext']!)).toBe('Wort')
  })

  it('takes a column for a text where nearly all of it is different, and numbers and classes for what they are', async () => {
    const many = `en,de,n
${Array.from({ length: 150 }, (_, i) => `word ${i},Wort ${i},${i}\n`).join('')}`
    expect((await prepare(many, { target: 'de' })).coding.table!.target.kind).toBe('text')
    expect((await prepare(many, { target: 'n' })).coding.table!.target.kind).toBe('number')
    expect((await prepare(many, { target: 'n', targetKind: 'text' })).coding.facts.targetTokens).toBe(3)
    expect((await prepare(reviews, { target: 'mood' })).coding.table!.target.kind).toBe('category')
  })

  it.each<[string, string, Partial<DataConfig['table']>, RegExp]>([
    ['a target that it does not have', penguins, { target: 'specie' }, /columns.*species/],
    [
      'a class for a number',
      penguins,
      { target: 'species', targetKind: 'number' },
      /must be a number, got "Adelie"/,
    ],
    [
      'a text for a class',
      `id,name\n${Array.from({ length: 1002 }, (_, i) => `${i},n${i}x\n`).join('')}`,
      { target: 'name', targetKind: 'class' },
      /at most 1000 different values, got 1002/,
    ],
    ['nothing to tell rows apart', 'a,b\n1,x\n1,y\n1,x\n1,y\n', {}, /no column beside the target/],
  ])('refuses %s', async (_what, text, table, message) => {
    await expect(prepare(text, table)).rejects.toThrow(message)
    await expect(prepare(text, table)).rejects.toMatchObject({ code: 'table-target' })
  })
})
