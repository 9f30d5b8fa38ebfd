import type { BundledEntry } from '../core/catalog.ts'
import type {
  BootInfo,
  DataWorkerApi,
  DataWorkerEvent,
  DoctorWorkerApi,
  DoctorWorkerEvent,
  TrainWorkerApi,
  TrainWorkerEvent,
} from '../../workers/protocol.ts'
import { WorkerHandle } from './workerHandle.ts'

type Calls<T> = Omit<T, 'boot'>

/** All workers. Every call rejects when its worker dies, rather than waiting for ever; the next call makes a new one. */
export interface Workers {
  train: Calls<TrainWorkerApi>
  data: Calls<DataWorkerApi>
  /** Made when it is first asked for anything. */
  doctor: Calls<DoctorWorkerApi> & { cancel(): void }
  boot(): Promise<BootInfo>
  readonly bundled: readonly BundledEntry[]
  onTrainEvents(listener: (events: TrainWorkerEvent[]) => void): void
  onDataEvents(listener: (events: DataWorkerEvent[]) => void): void
  onDoctorEvents(listener: (events: DoctorWorkerEvent[]) => void): void
}

/** The only place that constructs workers. `backend` null: WebGPU where it works, else the CPU. */
export function startWorkers(backend: 'webgpu' | 'cpu' | null): Workers {
  const train = new WorkerHandle<TrainWorkerApi, { backend: 'webgpu' | 'cpu' | null }, TrainWorkerEvent>(
    () =>
      new Worker(new URL('../../workers/train.worker.ts', import.meta.url), {
        type: 'module',
        name: 'train',
      }),
    { backend },
  )
  const data = new WorkerHandle<DataWorkerApi, { baseUrl: string }, DataWorkerEvent>(
    () =>
      new Worker(new URL('../../workers/data.worker.ts', import.meta.url), { type: 'module', name: 'data' }),
    { baseUrl: document.baseURI },
  )
  const doctor = new WorkerHandle<DoctorWorkerApi, { baseUrl: string }, DoctorWorkerEvent>(
    () =>
      new Worker(new URL('../../workers/doctor.worker.ts', import.meta.url), {
        type: 'module',
        name: 'doctor',
      }),
    { baseUrl: document.baseURI },
    'The data set is as it was, and what was checked so far is kept. Close other tabs for more memory, then check again.',
  )
  let bundled: readonly BundledEntry[] = []
  return {
    train: {
      estimate: (...args) => train.call('estimate', args),
      testKernels: (...args) => train.call('testKernels', args),
      keptPoint: (...args) => train.call('keptPoint', args),
      branch: (...args) => train.call('branch', args),
      run: (...args) => train.call('run', args),
      control: (...args) => train.call('control', args),
      generate: (...args) => train.call('generate', args),
      search: (...args) => train.call('search', args),
      evaluate: (...args) => train.call('evaluate', args),
      evaluateOther: (...args) => train.call('evaluateOther', args),
      unkeptCheckpoint: (...args) => train.call('unkeptCheckpoint', args),
      exportModel: (...args) => train.call('exportModel', args),
      openWeights: (...args) => train.call('openWeights', args),
      importWeights: (...args) => train.call('importWeights', args),
      releaseWeights: (...args) => train.call('releaseWeights', args),
    },
    data: {
      importFiles: (...args) => data.call('importFiles', args),
      importUrl: (...args) => data.call('importUrl', args),
      textOfTable: (...args) => data.call('textOfTable', args),
      fileOf: (...args) => data.call('fileOf', args),
      reviseSet: (...args) => data.call('reviseSet', args),
      describe: (...args) => data.call('describe', args),
      cancelImport: (...args) => data.call('cancelImport', args),
      itemsAt: (...args) => data.call('itemsAt', args),
      isExamined: (...args) => data.call('isExamined', args),
      previewItems: (...args) => data.call('previewItems', args),
      previewAugmented: (...args) => data.call('previewAugmented', args),
      previewTexts: (...args) => data.call('previewTexts', args),
      preview: (...args) => data.call('preview', args),
      prepare: (...args) => data.call('prepare', args),
      takeUnkept: (...args) => data.call('takeUnkept', args),
      unzipWeights: (...args) => data.call('unzipWeights', args),
      saveTokenizer: (...args) => data.call('saveTokenizer', args),
      deleteTokenizer: (...args) => data.call('deleteTokenizer', args),
      stepUse: (...args) => data.call('stepUse', args),
      setStepBudget: (...args) => data.call('setStepBudget', args),
      clearSteps: (...args) => data.call('clearSteps', args),
      patchRun: (...args) => data.call('patchRun', args),
      deleteRun: (...args) => data.call('deleteRun', args),
      renameDataset: (...args) => data.call('renameDataset', args),
      deleteDataset: (...args) => data.call('deleteDataset', args),
      keepAsked: (...args) => data.call('keepAsked', args),
    },
    doctor: {
      examine: (...args) => doctor.call('examine', args),
      keptDiagnosis: (...args) => doctor.call('keptDiagnosis', args),
      compare: (...args) => doctor.call('compare', args),
      reportPage: (...args) => doctor.call('reportPage', args),
      cancel: () => doctor.cancel(),
    },
    async boot() {
      const info = await train.booted<BootInfo>()
      bundled = info.catalog.bundled
      return info
    },
    get bundled() {
      return bundled
    },
    onTrainEvents: (listener) => train.onEvents(listener),
    onDataEvents: (listener) => data.onEvents(listener),
    onDoctorEvents: (listener) => doctor.onEvents(listener),
  }
}
