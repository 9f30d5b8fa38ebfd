import 'fake-indexeddb/auto'
import { expect, it } from 'vitest'
import { openDatabase } from '../src/storage/database.ts'
import { listDatasets, readDatasetBytes } from '../src/storage/datasetStore.ts'
import { reviseStored } from './reviseStored.ts'

const text = 'name,kind\na,x\nb,y\nc,x\nd,y\n'
const bytes = new TextEncoder().encode(text)
const parent = {
  name: 'things',
  kind: 'table' as const,
  sha256: 'f'.repeat(64),
  sizeBytes: bytes.length,
  async *bytes() {
    yield bytes.subarray(0, 7)
    yield bytes.subarray(7)
  },
}

it('stores the next version beside its parent, and says whose it is', async () => {
  const db = await openDatabase()
  const revision = {
    drop: [3, 3],
    relabel: [
      { item: 0, label: 'y' },
      { item: 3, label: 'x' },
    ],
    labelColumn: 'kind',
  }
  const manifest = await reviseStored(db, parent, { name: 'things, mended', revision })
  expect(manifest).toMatchObject({
    name: 'things, mended',
    kind: 'table',
    counts: { records: 3 },
    origin: { sha256: parent.sha256, name: 'things', dropped: 1, relabelled: 1 },
  })
  const stored = await readDatasetBytes(db, manifest.sha256)
  expect(new TextDecoder().decode(stored)).toBe('name,kind\na,y\nb,y\nc,x\n')
  expect(await listDatasets(db)).toEqual([manifest])
})

it('stores nothing of a version that cannot be made', async () => {
  const db = await openDatabase()
  const before = await listDatasets(db)
  const revision = { drop: [9], relabel: [] }
  await expect(reviseStored(db, parent, { name: 'x', revision })).rejects.toMatchObject({ code: 'revision' })
  expect(await listDatasets(db)).toEqual(before)
})
