import { contentOf } from '../src/data/preparing/content.ts'
import { examine, keptDiagnosis, type ExamineRequest } from '../src/data/doctor/examine.ts'
import { reportPage } from '../src/data/doctor/reportPage.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import { wholeContent } from '../src/data/wholeContent.ts'
import type { DataSource } from '../src/core/runConfig.ts'
import { createConnection } from '../src/storage/connection.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { exposeApi } from './expose.ts'
import type { DoctorWorkerApi, DoctorWorkerEvent } from './protocol.ts'
import { sourceContent } from './sourceContent.ts'

/** Looks for what is wrong with a data set. It computes without a pause: the page ends it to cancel. */
let events: MessagePort | null = null
let baseUrl = ''
const storage = createConnection()

/** At once: what waits for the end of a turn would wait for the end of a check. */
function send(event: DoctorWorkerEvent): void {
  events?.postMessage([event])
}

const api: DoctorWorkerApi = {
  async boot(options) {
    events = options.events
    baseUrl = options.baseUrl
  },

  examine: (source) =>
    storage.use(async (db) => {
      let told = ''
      return examine(new StepRunner(createStepStore(db)), {
        ...(await requestOf(db, source)),
        onProgress(progress) {
          const now = `${progress.title} ${Math.floor(progress.share * 100)}`
          if (now !== told) send({ type: 'checking', progress })
          told = now
        },
      })
    }),

  keptDiagnosis: (source) =>
    storage.use(async (db) =>
      keptDiagnosis(new StepRunner(createStepStore(db)), await requestOf(db, source)),
    ),

  reportPage: (source, diagnosis) =>
    storage.use(async (db) => {
      const { kind, sha256, sizeBytes, bytes } = await sourceContent(db, source, baseUrl)
      return reportPage(diagnosis, { kind, sha256, bytes: await wholeContent(bytes(), sizeBytes) })
    }),
}

async function requestOf(db: BunsenDatabase, source: DataSource): Promise<ExamineRequest> {
  const { name, kind, sha256, sizeBytes, bytes } = await sourceContent(db, source, baseUrl)
  return {
    name,
    kind,
    content: contentOf(bytes, sizeBytes),
    contentSha256: sha256,
    labels: null,
    rules: null,
    seed: 0,
  }
}

exposeApi(api)
