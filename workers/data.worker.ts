import { bundled } from 'virtual:bundled-data'
import { BunsenError, DataError, StorageError } from '../src/core/errors.ts'
import { shownName } from '../src/core/shownName.ts'
import type { DataKind } from '../src/core/catalog.ts'
import { summaryOf } from '../src/core/prepared.ts'
import type { DataSource } from '../src/core/runConfig.ts'
import { fetchBundled } from '../src/data/datasets/fetchBundled.ts'
import { importFiles, type ImportedSummary } from '../src/data/importFiles.ts'
import { describeSet } from '../src/data/inspect/describeSet.ts'
import { importText } from '../src/data/importText.ts'
import { prepareKey } from '../src/data/prepareKey.ts'
import { prepare, wholeContent } from '../src/data/prepare.ts'
import { itemsReader, type ItemsReader } from '../src/data/previewItems.ts'
import { previewText } from '../src/data/preview.ts'
import { previewAugmented } from '../src/data/previewAugmented.ts'
import { utf8Text } from '../src/data/reading/decodeText.ts'
import { fetchSource } from '../src/data/reading/fetchSource.ts'
import { blobSource, memorySource } from '../src/data/reading/source.ts'
import { createConnection } from '../src/storage/connection.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import {
  deleteDataset,
  getDataset,
  readDataset,
  renameDataset,
  saveDataset,
} from '../src/storage/datasetStore.ts'
import { loadPrepared, savePrepared } from '../src/storage/preparedStore.ts'
import { deleteRun, patchRun } from '../src/storage/runStore.ts'
import { createEventSink, exposeApi } from './expose.ts'
import type {
  DatasetManifest,
  DataWorkerApi,
  DataWorkerEvent,
  DroppedFile,
  ImportProgress,
} from './protocol.ts'

/** Reads what people drop, turns texts into tokens, and changes what is stored. No GPU, no tensors. */
let send: (event: DataWorkerEvent) => void = () => {}
let baseUrl = ''
const storage = createConnection()
const imports = new Map<string, AbortController>()
/** One preparation at a time; the same one asked for twice is made once. */
let preparing: Promise<unknown> = Promise.resolve()
/** The set that was looked at last: turning its pages reads it once. */
let looking: { sha256: string; read: ItemsReader } | null = null

interface Content {
  kind: DataKind
  sha256: string
  sizeBytes: number
  bytes(): AsyncIterable<Uint8Array>
}

async function contentOf(db: BunsenDatabase, source: DataSource): Promise<Content> {
  if (source.kind === 'bundled') {
    const entry = bundled.find((candidate) => candidate.id === source.id)
    if (!entry)
      throw new DataError(`There is no bundled data set called ${source.id}`, { code: 'unknown-name' })
    const { kind, sha256, sizeBytes } = entry
    return { kind, sha256, sizeBytes, bytes: () => fetchBundled(entry, baseUrl) }
  }
  const manifest = await getDataset(db, source.sha256)
  if (!manifest) {
    throw new DataError(
      `This browser does not hold the data set ${source.name || 'without a name'} (${source.sizeBytes} bytes, SHA-256 ${source.sha256.slice(0, 12)}…)`,
      {
        code: 'dataset-missing',
        remedy: 'Drop the file on the page; it is recognised by its hash.',
        details: { name: source.name, sha256: source.sha256, sizeBytes: source.sizeBytes },
      },
    )
  }
  return {
    kind: manifest.kind,
    sha256: manifest.sha256,
    sizeBytes: manifest.sizeBytes,
    bytes: () => readDataset(db, source.sha256),
  }
}

const api: DataWorkerApi = {
  async boot(options) {
    send = createEventSink<DataWorkerEvent>(options.events)
    baseUrl = options.baseUrl
  },

  async importFiles(jobId, files, name) {
    const abort = new AbortController()
    imports.set(jobId, abort)
    try {
      const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0)
      const reader = importFiles(
        files.map(({ file, path }) => blobSource(file, shownName(file.name), path)),
        {
          signal: abort.signal,
          onProgress: (progress) => send({ type: 'import', jobId, progress }),
        },
      )
      return await store(await storage.get(), reader, totalBytes, name ?? nameOf(files))
    } finally {
      imports.delete(jobId)
    }
  },

  async importUrl(jobId, address) {
    const abort = new AbortController()
    imports.set(jobId, abort)
    try {
      const { signal } = abort
      const onProgress = (progress: ImportProgress) => send({ type: 'import', jobId, progress })
      const source = await fetchSource(address, {
        signal,
        onProgress: (progress) => onProgress({ phase: 'fetching', file: address, ...progress }),
      })
      const reader = importFiles([source], { signal, onProgress })
      return await store(await storage.get(), reader, source.sizeBytes, withoutExtension(source.name))
    } finally {
      imports.delete(jobId)
    }
  },

  textOfTable: (sha256) =>
    storage.use(async (db) => {
      const content = await contentOf(db, { kind: 'stored', name: '', sha256, sizeBytes: 0 })
      const manifest = await getDataset(db, sha256)
      const name = `${manifest?.name ?? 'table'}.csv`
      const file = memorySource(name, await wholeContent(content.bytes(), content.sizeBytes))
      return store(db, asText(importText([file])), content.sizeBytes, `${manifest?.name ?? 'table'} as text`)
    }),

  async cancelImport(jobId) {
    imports.get(jobId)?.abort()
  },

  describe: (source) =>
    storage.use(async (db) => {
      const { kind, bytes } = await contentOf(db, source)
      return describeSet(kind, bytes())
    }),

  previewItems: (source, offset, count) => storage.use((db) => itemsOf(db, source, offset, count)),

  previewAugmented: (data, seed, count) =>
    storage.use(async (db) => {
      const preview = await itemsOf(db, data.source, 0, 1)
      const picture = preview.kind === 'images' ? preview.items[0]?.picture : undefined
      return picture?.kind === 'picture' ? previewAugmented(picture, data, { seed, count }) : []
    }),

  preview: (source, offset, length, data) =>
    storage.use(async (db) => {
      const content = await contentOf(db, source)
      const cached = data && (await loadPrepared(db, prepareKey(content.kind, content.sha256, data, 0)))
      return previewText({
        textChunks: utf8Text(content.bytes()),
        offset,
        length,
        data,
        ...(cached?.coding.tokenizer ? { tokenizer: cached.coding.tokenizer } : {}),
      })
    }),

  async prepare(data, seed) {
    const turn = preparing.catch(() => {}).then(() => storage.use((db) => prepareOnce(db, data, seed)))
    preparing = turn
    return turn
  },

  patchRun: async (id, change) => void (await storage.use((db) => patchRun(db, id, change))),
  deleteRun: (id) => storage.use((db) => deleteRun(db, id)),
  renameDataset: (sha256, name) => storage.use((db) => renameDataset(db, sha256, name)),
  deleteDataset: (sha256) => storage.use((db) => deleteDataset(db, sha256)),
}

/** Stores what a reader gives, with what it says at its end. */
async function store(
  db: BunsenDatabase,
  reader: AsyncGenerator<Uint8Array, ImportedSummary, void>,
  expectedBytes: number,
  name: string,
): Promise<DatasetManifest> {
  let summary: ImportedSummary | null = null
  const pieces = async function* () {
    summary = yield* reader
  }
  const { manifest } = await saveDataset(db, pieces(), {
    expectedBytes,
    describe: (content) => {
      const { kind, files, counts, notices } = summary!
      return { ...content, version: 1, name, kind, createdAt: Date.now(), files, counts, notices }
    },
  })
  return manifest
}

async function itemsOf(
  db: BunsenDatabase,
  ...[source, offset, count]: Parameters<DataWorkerApi['previewItems']>
): ReturnType<DataWorkerApi['previewItems']> {
  const { kind, sha256, sizeBytes, bytes } = await contentOf(db, source)
  if (kind === 'text') throw new BunsenError('previewItems: a text has no items', { code: 'unexpected' })
  if (looking?.sha256 !== sha256)
    looking = { sha256, read: itemsReader(kind, await wholeContent(bytes(), sizeBytes)) }
  return looking.read(offset, count)
}

async function* asText(
  reader: ReturnType<typeof importText>,
): AsyncGenerator<Uint8Array, ImportedSummary, void> {
  return { kind: 'text', ...(yield* reader) }
}

async function prepareOnce(
  db: BunsenDatabase,
  ...[data, seed]: Parameters<DataWorkerApi['prepare']>
): ReturnType<DataWorkerApi['prepare']> {
  const content = await contentOf(db, data.source)
  const key = prepareKey(content.kind, content.sha256, data, seed)
  const prepared =
    (await loadPrepared(db, key)) ??
    (await prepare({
      kind: content.kind,
      content: () => content.bytes(),
      sizeBytes: content.sizeBytes,
      contentSha256: content.sha256,
      data,
      seed,
      onProgress: (progress) => send({ type: 'prepare', progress }),
    }))
  if (prepared.key !== key)
    throw new BunsenError('prepare: the key changed on the way', { code: 'unexpected' })
  if (!(await savePrepared(db, prepared))) {
    throw new StorageError(
      `What is made of this data set (${prepared.sizeBytes} bytes) does not fit on the disk`,
      {
        code: 'quota-exceeded',
        remedy: 'Delete runs or data sets that you no longer need, then try again. Nothing stored was lost.',
      },
    )
  }
  return summaryOf(prepared)
}

/** What they have in common: the folder, or the first file and how many more. */
function nameOf(files: readonly DroppedFile[]): string {
  const folders = new Set(files.map(({ path }) => path.split('/').slice(0, -1)[0] ?? ''))
  const [folder] = folders
  if (folders.size === 1 && folder) return shownName(folder)
  const first = withoutExtension(shownName(files[0]!.file.name))
  return files.length === 1 ? first : `${first} and ${files.length - 1} more`
}

function withoutExtension(name: string): string {
  return name.replace(/\.gz$/i, '').replace(/\.[^.]+$/, '')
}

exposeApi(api)
