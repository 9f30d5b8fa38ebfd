import { expect, it } from 'vitest'
import { dataConfig } from '../../../tests/helpers/dataConfig.ts'
import type { DataKind } from '../../core/catalog.ts'
import type { DataConfig } from '../../core/runConfig.ts'
import { decodeStepValue, encodeStepValue } from '../../core/stepValue.ts'
import { encodeImageSet } from '../images/imageSet.ts'
import { prepareWith } from '../prepare.ts'
import { createMemoryStepStore } from '../steps/memoryStepStore.ts'
import { StepRunner } from '../steps/stepRunner.ts'
import { steps } from './registry.ts'

const words = { kind: 'words', maxVocabSize: 99, minCount: 1, isLowercase: true }
const images = encodeImageSet({
  count: 6,
  height: 3,
  width: 4,
  channels: 3,
  pixels: Uint8Array.from({ length: 216 }, (_, i) => (i * 37) % 256),
  classes: ['a', 'b'],
  labels: Int32Array.of(0, 1, 0, 1, 1, 0),
  captions: ['A red bird', 'a bird', '', 'blue', 'a red bird', 'é 😀'],
})
const rows = Array.from({ length: 8 }, (_, i) => `${i % 3},${i}.5,"tale, ${i} of é",mood ${i}`)
const encoded = (text: string) => new TextEncoder().encode(text)
const sets: readonly [DataKind, Uint8Array, Partial<DataConfig>][] = [
  [
    'text',
    encoded('The quick brown fox 😀 jumps  over\nthe lazy dog é.\n'.repeat(9)),
    {
      transforms: [{ kind: 'lowercase' }, { kind: 'nfc' }],
      split: { kind: 'blocks', fraction: 0.2, blockCharacters: 100 },
    },
  ],
  [
    'images',
    images,
    { images: { size: 2, color: 'grey' }, tokenizer: words, split: { kind: 'random-items', fraction: 0.4 } },
  ],
  [
    'table',
    encoded(`size,weight,story,mood\n${rows.join('\n')}\n`),
    { table: { target: 'mood', targetKind: 'text', text: 'story', separator: '' }, tokenizer: words },
  ],
]

async function made() {
  const found: Record<string, string> = {}
  for (const [kind, bytes, change] of sets) {
    const store = createMemoryStepStore()
    const content = async function* () {
      yield bytes
    }
    await prepareWith(new StepRunner(store), {
      kind,
      content,
      sizeBytes: bytes.length,
      contentSha256: 'a'.repeat(64),
      data: dataConfig(change),
      seed: 3,
    })
    for (const { id, version } of steps.all)
      for (const { key, sha256 } of await store.records(id)) {
        found[`${kind}: ${id} ${version}`] = sha256.slice(0, 16)
        // What is stored is what steps that follow are given.
        const stored = store.contents.get(key)!
        const { codec } = steps.get(id)
        const again = codec!.pack(codec!.unpack(decodeStepValue(stored)) as never)
        expect(encodeStepValue(again), id).toEqual(stored)
      }
  }
  return found
}

it('makes what it made before; where a step makes other bytes, its version must be raised', async () => {
  const found = await made()
  expect(found).toEqual({
    'images: images/parts 2': '337fe94b06dd4740',
    'images: images/pixels 1': 'a1efee2a54c452b7',
    'images: texts/tokenizer 2': 'e3456507e56babf3',
    'images: texts/tokens 1': 'ca9cd8fc3837b303',
    'table: table/parts 4': 'bde3974344ace602',
    'table: table/rows 1': 'bd3f54cf2c36f626',
    'table: texts/tokenizer 2': '76e53cb2c2e40259',
    'table: texts/tokens 1': 'dca15b539fcdddd3',
    'text: text/normalise 1': '3bed93ec3e516b18',
    'text: text/tokenizer 1': 'd1c8058acfcc0cb1',
    'text: text/tokens 1': 'c7fe184b88e76e94',
  })
  const stored = steps.all.filter(({ codec }) => codec !== null).map(({ id }) => id)
  expect(new Set(Object.keys(found).map((name) => name.split(' ')[1]))).toEqual(new Set(stored))
})
