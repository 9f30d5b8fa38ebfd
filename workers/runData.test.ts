import { expect, it } from 'vitest'
import { dataConfig } from '../tests/helpers/dataConfig.ts'
import { engineConfig } from '../tests/helpers/engineConfig.ts'
import type { Part, Prepared } from '../src/core/prepared.ts'
import { runData } from './runData.ts'

const [count, side] = [6, 8]

const part: Part = {
  count,
  arrays: {
    pixels: Uint8Array.from({ length: count * side * side }, (_, i) => (i * 37) % 256),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  },
}
const prepared: Prepared = {
  key: 'a',
  kind: 'images',
  train: part,
  validation: part,
  coding: {
    facts: { image: { height: side, width: side, channels: 1 }, classes: ['a', 'b'] },
    tokenizer: null,
    pixels: { means: [0], deviations: [1] },
  },
  sizeBytes: 0,
}

function dataOf(task: string, model: Record<string, unknown>) {
  const base = engineConfig({
    task,
    model,
    data: { augmentations: [{ kind: 'any' }] },
    stage: { batchSize: 4 },
  })
  const data = dataConfig({
    sampler: { kind: 'shuffled-items' },
    augmentations: [{ kind: 'shift', pixels: 3 }],
  })
  return runData(prepared, { ...base, data })
}

it('a validation of two views has the pictures as they are, and one augmentation that never changes', () => {
  const data = dataOf('self-supervised', { kind: 'conv-net' })
  const batch = (index: number) => data.validationBatch({ index, count: 2, batchSize: 4 })
  const { arrays, places } = batch(0)
  const perItem = side * side
  const stored = [...places!].flatMap((place) => [
    ...part.arrays['pixels']!.subarray(place * perItem, (place + 1) * perItem),
  ])
  expect([...arrays['viewA']!]).toEqual(stored.map((value) => Math.fround(value / 255)))
  expect(arrays['viewB']).not.toEqual(arrays['viewA'])
  expect(arrays['viewB']!.every((value) => value >= 0 && value <= 1)).toBe(true)
  expect(batch(0).arrays).toEqual(arrays)
  // The last batch is filled up with the first items: they look as they did there.
  const again = batch(1)
  const row = [...again.places!].lastIndexOf(0)
  expect([...again.arrays['viewB']!.subarray(row * perItem, (row + 1) * perItem)]).toEqual([
    ...arrays['viewB']!.subarray(0, perItem),
  ])
})

it('a validation of classes is never augmented', () => {
  const { arrays, places } = dataOf('image-classification', { kind: 'conv-net' }).validationBatch({
    index: 0,
    count: 2,
    batchSize: 4,
  })
  const first = part.arrays['pixels']!.subarray(places![0]! * side * side, (places![0]! + 1) * side * side)
  expect([...arrays['pixels']!.subarray(0, side * side)]).toEqual(
    [...first].map((value) => Math.fround(value / 255)),
  )
})

it('an update’s items are those that its batches are made of', () => {
  const data = dataOf('image-classification', { kind: 'conv-net' })
  const at = { step: 3, stageIndex: 0, stageStep: 3, accumulationSteps: 2, batchSize: 2 }
  const kept = data.trainItems(at)
  const labels = [0, 1].flatMap((microStep) => [...data.trainBatch({ ...at, microStep }).arrays['labels']!])
  expect(kept.of).toBe('items')
  expect(kept.places.map((place) => part.arrays['labels']![place])).toEqual(labels)
  const first = data.trainItem(kept.places[0]!)!
  const own = part.arrays['pixels']!.subarray(
    kept.places[0]! * side * side,
    (kept.places[0]! + 1) * side * side,
  )
  expect(first.view).toMatchObject({ kind: 'picture', pixels: Uint8Array.from(own) })
  expect(first.target).toBe(['a', 'b'][labels[0]!])
})

/** The alphabet, each letter a token, read five at a time. */
function lettersData() {
  const text = 'abcdefghijklmnopqrstuvwxyz'
  const tokens = { count: 26, arrays: { tokens: Uint16Array.from(text, (_, i) => i) } }
  const letters: Prepared = {
    key: 't',
    kind: 'text',
    train: tokens,
    validation: tokens,
    coding: {
      facts: { vocabSize: 26 },
      tokenizer: { kind: 'characters', state: { characters: text, hasUnknown: false } },
    },
    sizeBytes: 0,
  }
  const config = engineConfig({ model: { seqLen: 5 } })
  const data = runData(letters, { ...config, data: dataConfig({ sampler: { kind: 'random-windows' } }) })
  return { text, data }
}

it('an update’s windows begin where its batches do', () => {
  const { text, data } = lettersData()
  const at = { step: 7, stageIndex: 0, stageStep: 7, accumulationSteps: 2, batchSize: 3 }
  const { of, places } = data.trainItems(at)
  const firsts = [0, 1].flatMap((microStep) => {
    const { ids } = data.trainBatch({ ...at, microStep }).arrays
    return [0, 1, 2].map((row) => ids![row * 5]!)
  })
  expect([of, places]).toEqual(['windows', firsts])
  const last = firsts[0]! + 5
  expect(data.trainItem(places[0]!)).toEqual({
    view: { kind: 'row', cells: [['text', text.slice(firsts[0], last)]] },
    target: null,
  })
})

it('all of a text is read once as many windows as it takes', () => {
  const { data } = lettersData()
  const count = data.validationBatches({ batchSize: 2, most: Infinity })
  const batches = Array.from({ length: count }, (_, index) =>
    data.validationBatch({ index, count, batchSize: 2 }),
  )
  // 25 letters that follow another.
  const read = batches.flatMap(({ arrays }) => [...arrays['targets']!])
  expect([...new Set(read)].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1))
  expect(count).toBe(3)
  expect(data.validationBatches({ batchSize: 2, most: 40 })).toBe(40)
})
