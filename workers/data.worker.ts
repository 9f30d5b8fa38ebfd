import { transfer } from 'comlink'
import { BunsenError } from '../src/core/errors.ts'
import { shownName } from '../src/core/shownName.ts'
import { summaryOf, type TokenizerRecord } from '../src/core/prepared.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import type { DroppedFile } from '../src/core/droppedFile.ts'
import { canonicalJson } from '../src/core/canonicalJson.ts'
import { throwIfCancelled } from '../src/data/cancel.ts'
import { isExamined } from '../src/data/doctor/isExamined.ts'
import { importFiles, type ImportedSummary } from '../src/data/importFiles.ts'
import { describeSet } from '../src/data/inspect/describeSet.ts'
import { importText } from '../src/data/importText.ts'
import { prepareWith } from '../src/data/prepare.ts'
import { tokenizerNode } from '../src/data/prepareGraph.ts'
import { contentOf } from '../src/data/preparing/content.ts'
import { itemsByPlace, itemsReader } from '../src/data/previewItems.ts'
import { previewText } from '../src/data/preview.ts'
import { previewAugmented } from '../src/data/previewAugmented.ts'
import { previewTexts, textToShow, type ShownText } from '../src/data/previewTexts.ts'
import { utf8Text } from '../src/data/reading/decodeText.ts'
import { fetchSource } from '../src/data/reading/fetchSource.ts'
import { blobSource, memorySource } from '../src/data/reading/source.ts'
import { setFile } from '../src/data/setFile.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import { wholeContent } from '../src/data/wholeContent.ts'
import { createConnection } from '../src/storage/connection.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { keepAsked } from '../src/storage/askedStore.ts'
import { keepHandles } from '../src/storage/handleStore.ts'
import { deleteDataset, getDataset, renameDataset, saveDataset } from '../src/storage/datasetStore.ts'
import { loadPrepared } from '../src/storage/preparedStore.ts'
import { deleteRun, patchRun } from '../src/storage/runStore.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { deleteTokenizer } from '../src/storage/tokenizerStore.ts'
import { clearSteps, setStepBudget, stepUse } from '../src/storage/stepUse.ts'
import { createEventSink, exposeApi } from './expose.ts'
import { reviseStored } from './reviseStored.ts'
import { sourceContent, type SourceContent } from './sourceContent.ts'
import { storedTokenizer, storeTokenizer } from './storedTokenizer.ts'
import { unzipWeights } from './unzipWeights.ts'
import { createLatestDraft } from './latestDraft.ts'
import { createLatestValue } from './latestValue.ts'
import { paced } from './paced.ts'
import type { DatasetManifest, DataWorkerApi, DataWorkerEvent } from './protocol.ts'

/** Reads what people drop, turns texts into tokens, and changes what is stored. No GPU, no tensors. */
let send: (event: DataWorkerEvent) => void = () => {}
let baseUrl = ''
const storage = createConnection()
const imports = new Map<string, AbortController>()
/** One preparation at a time; the same one asked for twice is made once. */
let preparing: Promise<unknown> = Promise.resolve()
/** What was prepared last and could not be stored. */
let unkept: { key: string; bytes: Uint8Array } | null = null
const latestDraft = createLatestDraft()
/** The set that was looked at last, and the one of which single items were: turning pages reads it once. */
const looking = createLatestValue<ReturnType<typeof itemsReader>>()
const picking = createLatestValue<ReturnType<typeof itemsByPlace>>()
/** The text that was looked at last: moving a slider reads the arrays once. */
const lookingAtText = createLatestValue<ShownText | null>()

const api: DataWorkerApi = {
  async boot(options) {
    send = createEventSink<DataWorkerEvent>(options.events)
    baseUrl = options.baseUrl
  },

  async importFiles(jobId, files, name, reading) {
    const abort = new AbortController()
    imports.set(jobId, abort)
    try {
      const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0)
      const reader = importFiles(
        files.map(({ file, path }) => blobSource(file, shownName(file.name), path)),
        {
          signal: abort.signal,
          ...(reading && { reading }),
          onProgress: progressOf(jobId),
        },
      )
      const db = await storage.get()
      const manifest = await store(db, reader, totalBytes, name ?? nameOf(files))
      const handles = handlesOf(files)
      if (handles.length > 0) await keepHandles(db, manifest.sha256, handles)
      return manifest
    } finally {
      imports.delete(jobId)
    }
  },

  async importUrl(jobId, address) {
    const abort = new AbortController()
    imports.set(jobId, abort)
    try {
      const { signal } = abort
      const onProgress = progressOf(jobId)
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
      const content = await sourceContent(db, { kind: 'stored', name: '', sha256, sizeBytes: 0 }, baseUrl)
      const manifest = await getDataset(db, sha256)
      const name = `${manifest?.name ?? 'table'}.csv`
      const file = memorySource(name, await wholeContent(content.bytes(), content.sizeBytes))
      return store(db, asText(importText([file])), content.sizeBytes, `${manifest?.name ?? 'table'} as text`)
    }),

  fileOf: (source) => storage.use(async (db) => setFile(await sourceContent(db, source, baseUrl))),

  reviseSet: (source, name, revision) =>
    storage.use(async (db) => reviseStored(db, await sourceContent(db, source, baseUrl), { name, revision })),

  async cancelImport(jobId) {
    imports.get(jobId)?.abort()
  },

  describe: (source) =>
    storage.use(async (db) => {
      const { kind, bytes } = await sourceContent(db, source, baseUrl)
      return describeSet(kind, bytes())
    }),

  previewItems: (source, offset, count) => storage.use((db) => itemsOf(db, source, offset, count)),

  itemsAt: (source, places) =>
    storage.use(async (db) => {
      const { kind, sha256, sizeBytes, bytes } = await sourceContent(db, source, baseUrl)
      const at = await picking(sha256, async () => itemsByPlace(kind, await wholeContent(bytes(), sizeBytes)))
      return at(places)
    }),

  isExamined: (sha256) => storage.use((db) => isExamined(createStepStore(db), sha256)),

  previewAugmented: (data, seed, count) =>
    storage.use(async (db) => {
      const preview = await itemsOf(db, data.source, 0, 1)
      const picture = preview.kind === 'images' ? preview.items[0]?.picture : undefined
      return picture?.kind === 'picture' ? previewAugmented(picture, data, { seed, count }) : []
    }),

  async previewTexts(data, seed, count) {
    const { key: preparedKey } = await api.prepare(data, seed, true)
    const text = await lookingAtText(preparedKey, async () => {
      const prepared = await storage.use((db) => loadPrepared(db, { preparedKey, preparedBytes: null }))
      return prepared && textToShow(prepared.train, prepared.coding)
    })
    return text ? previewTexts(text, data, { seed, count }) : []
  },

  preview: (source, offset, length, data) =>
    storage.use(async (db) => {
      const content = await sourceContent(db, source, baseUrl)
      const tokenizer = data && (await tokenizerAtHand(db, content, data))
      return previewText({
        textChunks: utf8Text(content.bytes()),
        offset,
        length,
        data,
        ...(tokenizer && { tokenizer }),
      })
    }),

  async prepare(data, seed, isDraft) {
    const signal = isDraft ? latestDraft(canonicalJson({ data, seed })) : undefined
    const turn = preparing
      .catch(() => {})
      .then(() => storage.use((db) => prepareOnce(db, data, seed, signal)))
    preparing = turn
    return turn
  },

  async takeUnkept(key) {
    if (unkept?.key !== key) return null
    const bytes = unkept.bytes as Uint8Array<ArrayBuffer>
    unkept = null
    return transfer(bytes, [bytes.buffer])
  },

  unzipWeights,
  saveTokenizer: (file) => storage.use((db) => storeTokenizer(db, file)),
  deleteTokenizer: (sha256) => storage.use((db) => deleteTokenizer(db, sha256)),
  stepUse: () => storage.use(stepUse),
  async setStepBudget(bytes) {
    await storage.use((db) => setStepBudget(db, bytes))
    return storage.use(stepUse)
  },
  async clearSteps() {
    await storage.use((db) => clearSteps(db))
    return storage.use(stepUse)
  },

  patchRun: async (id, change) => void (await storage.use((db) => patchRun(db, id, change))),
  deleteRun: (id) => storage.use((db) => deleteRun(db, id)),
  renameDataset: (sha256, name) => storage.use((db) => renameDataset(db, sha256, name)),
  deleteDataset: (sha256) => storage.use((db) => deleteDataset(db, sha256)),
  keepAsked: (sha256, asked) => storage.use((db) => keepAsked(db, sha256, asked)),
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
      const { kind, files, counts, notices, found } = summary!
      const told = { kind, files, counts, notices, ...(found && { found }) }
      return { ...content, version: 1, name, createdAt: Date.now(), ...told }
    },
  })
  return manifest
}

async function itemsOf(
  db: BunsenDatabase,
  ...[source, offset, count]: Parameters<DataWorkerApi['previewItems']>
): ReturnType<DataWorkerApi['previewItems']> {
  const { kind, sha256, sizeBytes, bytes } = await sourceContent(db, source, baseUrl)
  if (kind === 'text') throw new BunsenError('previewItems: a text has no items', { code: 'unexpected' })
  const read = await looking(sha256, async () => itemsReader(kind, await wholeContent(bytes(), sizeBytes)))
  return read(offset, count)
}

async function* asText(
  reader: ReturnType<typeof importText>,
): AsyncGenerator<Uint8Array, ImportedSummary, void> {
  return { kind: 'text', ...(yield* reader) }
}

/** The one that a run of this text would have: of a file, or where it was learned already. */
async function tokenizerAtHand(
  db: BunsenDatabase,
  { kind, sha256, sizeBytes, bytes }: SourceContent,
  data: RunConfig['data'],
): Promise<TokenizerRecord | null> {
  const given = storedTokenizer(db, data)
  if (given) return given.record()
  if (kind !== 'text') return null
  const content = contentOf(bytes, sizeBytes)
  const node = tokenizerNode({ content, contentSha256: sha256, data, seed: 0 })
  return new StepRunner(createStepStore(db)).peek(node)
}

async function prepareOnce(
  db: BunsenDatabase,
  data: RunConfig['data'],
  seed: number,
  signal: AbortSignal | undefined,
): ReturnType<DataWorkerApi['prepare']> {
  throwIfCancelled(signal)
  const content = await sourceContent(db, data.source, baseUrl)
  unkept = null
  const { prepared, reports, unkeptBytes } = await prepareWith(new StepRunner(createStepStore(db)), {
    kind: content.kind,
    content: () => content.bytes(),
    sizeBytes: content.sizeBytes,
    contentSha256: content.sha256,
    data,
    seed,
    tokenizer: storedTokenizer(db, data),
    ...(signal ? { signal } : {}),
    onProgress: (progress) => send({ type: 'prepare', progress }),
  })
  if (unkeptBytes !== null) unkept = { key: prepared.key, bytes: unkeptBytes }
  return { ...summaryOf(prepared), isKept: unkeptBytes === null, reports }
}

const progressOf = (jobId: string) => paced((progress) => send({ type: 'import', jobId, progress }))

/** What was dropped; none where not all of it can be found again. */
function handlesOf(files: readonly DroppedFile[]): FileSystemHandle[] {
  if (files.some(({ handle }) => handle === undefined)) return []
  return [...new Set(files.map(({ handle }) => handle!))]
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
