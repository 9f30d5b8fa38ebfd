/**
 * All that crosses the border between the page and its workers: types only. Calls go over comlink; events come back
 * over one MessagePort a worker, in batches, as one typed union.
 */
import type { TokenizerMetrics } from '../src/core/tokenizerMetrics.ts'
import type { BranchPoint } from '../src/core/branch.ts'
import type { SamplingOptions } from '../src/core/sampling.ts'
import type { Catalog } from '../src/core/catalog.ts'
import type { Revision } from '../src/core/decisions.ts'
import type { DataFacts } from '../src/core/dataFacts.ts'
import type { DroppedFile } from '../src/core/droppedFile.ts'
import type { MeasuredPart, StoredEvaluation } from '../src/core/evaluation.ts'
import type { PreparedSummary } from '../src/core/prepared.ts'
import type { StepReport } from '../src/core/steps.ts'
import type { SearchQuery, SearchResult } from '../src/core/search.ts'
import type { PlainError } from '../src/core/errors.ts'
import type { Drift } from '../src/core/drift.ts'
import type { Diagnosis } from '../src/core/finding.ts'
import type { Reading } from '../src/core/reading.ts'
import type { DataSource, RunConfig } from '../src/core/runConfig.ts'
import type { ConfigValue } from '../src/core/schema.ts'
import type { ItemView } from '../src/core/taskView.ts'
import type { CheckProgress, Examination } from '../src/data/doctor/examine.ts'
import type { DescribedSet } from '../src/data/inspect/describeSet.ts'
import type { ItemsPreview } from '../src/data/previewItems.ts'
import type { KernelVerdict } from '../src/engine/selfTest/verdicts.ts'
import type { MemoryPlan } from '../src/engine/training/memoryPlan.ts'
import type { LiveSetting } from '../src/engine/training/liveEdits.ts'
import type { DeviceInfo, Phase, TrainEvent } from '../src/engine/training/types.ts'
import type { JsonValue } from '../src/storage/checkpoint.ts'
import type { PreparedAt } from '../src/storage/preparedStore.ts'
import type { RunPatch } from '../src/storage/runStore.ts'
import type { StepUse } from '../src/storage/stepUse.ts'
import type { DatasetManifest, TokenizerManifest } from '../src/storage/types.ts'

export type { LiveSetting } from '../src/engine/training/liveEdits.ts'
export type {
  DeviceInfo,
  Phase,
  RunStatus,
  SessionMemory,
  StepProfile,
  TrainEvent,
} from '../src/engine/training/types.ts'
export type { CheckProgress, Examination } from '../src/data/doctor/examine.ts'
export type { MemoryPlan } from '../src/engine/training/memoryPlan.ts'
export type { DatasetManifest, TokenizerManifest } from '../src/storage/types.ts'

/** Why WebGPU cannot be used here, told apart so that each gets its own advice. */
export type NoGpuReason =
  'no-webgpu' | 'insecure-context' | 'no-adapter' | 'limits-too-small' | 'device-failed'

export interface BootInfo {
  catalog: Catalog
  device: DeviceInfo
  /** Set when the device is the CPU because there is no GPU. */
  gpuProblem: { reason: NoGpuReason; error: PlainError } | null
}

/** What is known of the kernels on this adapter. */
export interface SelfTestReport {
  /** Of the kernels that were tested so far. */
  verdicts: KernelVerdict[]
  /** Kernels there are; 0 on the CPU, which has none. */
  total: number
  /** Those whose twins compute: the wrong ones, and those that run them inside. */
  replaced: string[]
}

export interface Estimate {
  parameterCount: number
  memory: MemoryPlan
  /** Measured on this adapter; null until measured, and of a run that is over its memory budget or cannot run. */
  msPerStep: number | null
  facts: DataFacts
  /** Tokens of a text, else items. */
  trainItems: number
  validationItems: number
  /** Left out where the split keeps no test part. */
  testItems?: number
  /** What a person should know of the split; left out where there is nothing. */
  notices?: readonly string[]
  /** Learning rate at evenly spaced steps of the whole run, for a picture. */
  learningRates: number[]
  /** Why it cannot run as it is; empty when it can. */
  problems: PlainError[]
}

export interface StartRequest extends PreparedAt {
  runId: string
  config: RunConfig
  preset: string | null
  /** Continue from the run's own latest checkpoint. */
  isResume: boolean
  /** Start from this run's latest weights instead of fresh ones (an imported checkpoint, say). */
  parent: string | null
  /** Set where the page itself takes up a run whose worker died: what the run was like, and must be again. */
  restart: Restart | null
  /** Of the link that it is a run of, as it stands there: it is kept with the run, to be compared with. */
  certificate?: string
}

/** A run that leaves another at one of its kept checkpoints. */
export interface BranchRequest {
  /** Of the new run. */
  runId: string
  parent: string
  step: number
  config: RunConfig
}

/** Where a kept checkpoint stands, and what was set by hand in its stage. */
export interface KeptPoint extends BranchPoint {
  edits: readonly { step: number; setting: LiveSetting; value: number }[]
}

export interface Restart {
  /** What it was trained on. A run is not moved from a GPU to the CPU without being asked for: the bits would differ. */
  backend: DeviceInfo['backend']
  isPaused: boolean
  /** Set by hand last; null when it never was. */
  learningRate: number | null
  /** The same of weights of losses, by their places. */
  lossWeights: readonly (readonly [loss: number, weight: number])[]
}

/** The latest state of a run that could not be stored, a full disk say. It lives in the worker until it can be. */
export interface Unkept {
  step: number
  error: PlainError
}

export type Control =
  | { type: 'pause' }
  | { type: 'resume' }
  /** One update, then paused again. */
  | { type: 'step' }
  | { type: 'stop' }
  | { type: 'checkpoint' }
  | { type: 'evaluate' }
  | { type: 'sample' }
  /** Times the dispatches of the next few updates. */
  | { type: 'profile' }
  /** Base learning rate from the next step on; the schedule's shape stays. */
  | { type: 'set-learning-rate'; value: number }
  /** Weight of a loss of the stage, by its place, from the next step on. */
  | { type: 'set-loss-weight'; loss: number; value: number }

export interface GenerateRequest {
  runId: string
  slot: 'latest' | 'best'
  prompt: string
  tokens: number
  sampling: SamplingOptions
  seed: number
  /** The likeliest text of so many followed at once, instead of a drawn one; null for a drawn one. Of `sampling` it goes by what is said of repetitions. */
  beams: { count: number; lengthPenalty: number } | null
}

/** Somebody's weights, with what people keep beside them. */
export interface WeightsFiles {
  file: File
  /** The `config.json` beside it; null where none was given. */
  configFile: File | null
  /** A `tokenizer.json`; null where none was given. */
  tokenizer: File | null
}

/** Somebody's weights, and what a run that begins with them can be laid out by. */
export interface WeightsRequest extends Omit<WeightsFiles, 'tokenizer'> {
  /** Texts are to be cut up by a `tokenizer.json` beside it, where the model reads any. */
  hasTokenizer: boolean
  /** What the page has laid out: taken where its task trains such a model. */
  draft: RunConfig
  /** Else the first of these that does. */
  presets: readonly ConfigValue[]
}

/** A run that can begin with somebody's weights, and what was assumed of them. */
export interface WeightsPlan {
  config: RunConfig
  readsTexts: boolean
  notices: string[]
}

/** What a file of weights has become: a run where Bunsen saved it, or a plan for one while the worker holds them. */
export type OpenedWeights =
  { kind: 'run'; run: ImportedRun } | { kind: 'plan'; plan: WeightsPlan; held: number }

/** A plan whose data are prepared. */
export interface WeightsImport extends Pick<WeightsPlan, 'config' | 'notices'>, PreparedAt {
  held: number
}

/** A run that a dropped file became. */
export interface ImportedRun {
  runId: string
  name: string
  notices: readonly string[]
}

export interface SearchRequest extends PreparedAt {
  runId: string
  slot: 'latest' | 'best'
  query: SearchQuery
}

export interface EvaluateRequest extends PreparedAt {
  runId: string
  slot: 'latest' | 'best'
  part: MeasuredPart
}

/** By the hash of a stored data set. */
export type EvaluateOtherRequest = Pick<EvaluateRequest, 'runId' | 'slot'> & { sha256: string }

/** Events of the train worker, each with the run that it belongs to. */
export type TrainWorkerEvent =
  | { type: 'run'; runId: string; event: TrainEvent }
  /** Not of a run: compiling before the first start. */
  | { type: 'warm-up'; phase: Phase | null }
  | { type: 'memory'; usedBytes: number }
  /** From now on the run's latest state is only in the worker's memory; null: it is stored again. */
  | { type: 'unkept'; runId: string; unkept: Unkept | null }
  /** The device from now on: at the boot, and after each loss. */
  | { type: 'device'; device: DeviceInfo; gpuProblem: BootInfo['gpuProblem'] }
  /** When verdicts are known or come in. */
  | { type: 'self-test'; report: SelfTestReport }
  /** The device is gone and cannot be had again. */
  | { type: 'device-lost'; error: PlainError }

export interface TrainWorkerApi {
  /** Chooses an adapter (or the CPU) and says what is registered. Called once, first. */
  boot(options: { backend: 'webgpu' | 'cpu' | null; events: MessagePort }): Promise<BootInfo>
  /**
   * What a config costs, counted. With `isMeasured` it also compiles what the config needs (told by `warm-up` events)
   * and times steps that are thrown away. Of a branch, what cannot change there is among its problems. Superseded, with error `superseded`, by a later call or a start.
   */
  estimate(
    config: RunConfig,
    prepared: PreparedSummary,
    isMeasured: boolean,
    branch: BranchPoint | null,
  ): Promise<Estimate>
  /** Tests every kernel of the adapter anew; `self-test` events tell what is found. Throws `busy` while a run goes on. */
  testKernels(): Promise<void>
  /** Where a kept checkpoint of a run stands. */
  keptPoint(runId: string, step: number): Promise<KeptPoint>
  /** Stores a run that stands at another's checkpoint, for `run` to go on with. Throws `branch-unfit`. */
  branch(request: BranchRequest): Promise<void>
  /** Resolves when the run ends, however it ends; what happens in between comes as events. */
  run(request: StartRequest): Promise<void>
  control(control: Control): Promise<void>
  generate(request: GenerateRequest): Promise<{ text: string }>
  /** What a stored checkpoint finds among the held-out items. */
  search(request: SearchRequest): Promise<SearchResult>
  /** A stored checkpoint measured on a part of its run's data, or as it was measured before. Throws `no-test-part`. */
  evaluate(request: EvaluateRequest): Promise<StoredEvaluation>
  /** The same on all of another data set. Throws `dataset-missing`, `data-unfit`, `data-other`, `classes-unknown`. */
  evaluateOther(request: EvaluateOtherRequest): Promise<StoredEvaluation>
  /** The state that could not be stored, as a checkpoint file; null when there is none of that run. */
  unkeptCheckpoint(runId: string): Promise<{ step: number; bytes: Uint8Array<ArrayBuffer> } | null>
  /** A stored checkpoint's model as a zip for others to load, under Hugging Face's names where it has such a model. */
  exportModel(
    runId: string,
    slot: 'latest' | 'best',
  ): Promise<{ zip: Uint8Array<ArrayBuffer>; step: number; notices: readonly string[] }>
  /**
   * Reads and checks a file of weights. One that Bunsen saved is stored as a run that can be continued and sampled; for
   * others' a run is laid out, and they are held until {@link releaseWeights}. null where no table of names knows them.
   */
  openWeights(request: WeightsRequest): Promise<OpenedWeights | null>
  /** Stores a run that begins with weights that are held. Throws `weights-gone`. */
  importWeights(request: WeightsImport): Promise<ImportedRun>
  releaseWeights(held: number): Promise<void>
}

export interface ImportProgress {
  phase: 'fetching' | 'reading' | 'decoding' | 'storing'
  file: string
  doneBytes: number
  totalBytes: number
}

export type DataWorkerEvent =
  | { type: 'import'; jobId: string; progress: ImportProgress }
  | { type: 'prepare'; progress: { done: number; total: number } }

/** A piece of a data set, for looking at. */
export type { DescribedSet, ItemsPreview }

export interface TextPreview {
  text: string
  offset: number
  totalCharacters: number
  /** Ends of tokens within `text`, in UTF-16 units; empty when no tokenizer was given. */
  tokenEnds: number[]
  /** How the tokens fit the piece; null when no tokenizer was given. */
  metrics: TokenizerMetrics | null
}

export interface Preparation extends PreparedSummary {
  /** Whether it is stored; else `takeUnkept` has it. */
  readonly isKept: boolean
  /** What was reused, and why something was not. */
  readonly reports: readonly StepReport[]
}

export interface DataWorkerApi {
  boot(options: { events: MessagePort; baseUrl: string }): Promise<void>
  /**
   * Reads, checks and stores files as one data set of the kind that they are: texts, pictures or a table. Nothing is
   * stored unless all of it could be.
   *
   * @param reading null: as is found in the files
   */
  importFiles(
    jobId: string,
    files: DroppedFile[],
    name: string | null,
    reading: Reading | null,
  ): Promise<DatasetManifest>
  /** Fetches a file of another host and imports it. Throws what `fetchSource` throws, too. */
  importUrl(jobId: string, address: string): Promise<DatasetManifest>
  /** Stores the longest column of a stored table as a text of its own. */
  textOfTable(sha256: string): Promise<DatasetManifest>
  /** A set as a file that is read again as the same set. Throws what `setFile` throws. */
  fileOf(source: DataSource): Promise<File>
  /** Stores the next version of a set: some items left out, some labelled anew. Throws what `reviseStored` throws. */
  reviseSet(source: DataSource, name: string, revision: Revision): Promise<DatasetManifest>
  cancelImport(jobId: string): Promise<void>
  /** What is in a set and what could be learned from it; reads it whole. Throws what reading the kind throws. */
  describe(source: DataSource): Promise<DescribedSet>
  /** Items of a set of images or rows. Throws what reading the kind throws. */
  previewItems(source: DataSource, offset: number, count: number): Promise<ItemsPreview>
  /** Items of a set by their places, as a diagnosis and a revision count them. Throws what reading the kind throws. */
  itemsAt(source: DataSource, places: readonly number[]): Promise<ItemView[]>
  /** Whether what the doctor found in a set is kept; the doctor's worker tells what it is. */
  isExamined(sha256: string): Promise<boolean>
  /** A picture of a set as it is, then as the augmentations of `data` make it for `count` updates. Empty where there is none. */
  previewAugmented(data: RunConfig['data'], seed: number, count: number): Promise<ItemView[]>
  /** A text of a prepared set as it is, then as its augmentations make it for `count` updates. Empty where there is none. */
  previewTexts(data: RunConfig['data'], seed: number, count: number): Promise<string[]>
  preview(
    source: DataSource,
    offset: number,
    length: number,
    data: RunConfig['data'] | null,
  ): Promise<TextPreview>
  /**
   * Makes sure that the arrays of a config are stored, and gives their key and sizes. Throws `cancelled` for a draft once
   * those of another one are asked for.
   */
  prepare(data: RunConfig['data'], seed: number, isDraft: boolean): Promise<Preparation>
  /** Arrays that were prepared last and could not be stored, once; null where they are others. */
  takeUnkept(preparedKey: string): Promise<Uint8Array<ArrayBuffer> | null>
  /** Weights in a zip, with what lies beside them; null where it holds something else. */
  unzipWeights(file: File): Promise<WeightsFiles | null>
  /** Checks and stores a `tokenizer.json` as it is. Throws what `readTokenizerFile` throws. */
  saveTokenizer(file: File): Promise<TokenizerManifest>
  deleteTokenizer(sha256: string): Promise<void>
  /** What stored steps take, and may take. */
  stepUse(): Promise<StepUse>
  setStepBudget(bytes: number): Promise<StepUse>
  /** Gives back the space of all that no run is using. */
  clearSteps(): Promise<StepUse>
  /** The page's own changes of what is stored: only workers can ask first whether the disk has room. */
  patchRun(id: string, change: RunPatch): Promise<void>
  deleteRun(id: string): Promise<void>
  renameDataset(sha256: string, name: string): Promise<void>
  deleteDataset(sha256: string): Promise<void>
  /** Keeps what a set’s checks are told beforehand, as whoever asks for it writes it. */
  keepAsked(sha256: string, asked: JsonValue): Promise<void>
}

export type DoctorWorkerEvent = { type: 'checking'; progress: CheckProgress }

/** What a person says of a set before it is checked. */
export interface Asked {
  /** The column with the labels; null to find it. */
  readonly labels: string | null
  /** What must hold of columns, as `data doctor --rules` reads it; null for nothing. */
  readonly rules: string | null
}

/** A worker that is busy for as long as checks take, and is ended to cancel them: what is done of them is kept. */
export interface DoctorWorkerApi {
  boot(options: { events: MessagePort; baseUrl: string }): Promise<void>
  /** Looks for what is wrong with a set. Throws what `examine` and `parseRules` throw. */
  examine(source: DataSource, asked: Asked): Promise<Examination>
  /** What was found before; null where it would have to be looked for again. */
  keptDiagnosis(source: DataSource, asked: Asked): Promise<Diagnosis | null>
  /** How two sets of one kind differ. Throws what reading them throws, `drift-kinds` and `label-column`. */
  compare(first: DataSource, second: DataSource, labels: string | null): Promise<Drift>
  /** What was found, with what it was found in, as a page that stands by itself. */
  reportPage(source: DataSource, diagnosis: Diagnosis): Promise<string>
}
