import { contentOf } from '../src/data/preparing/content.ts'
import { examine, keptDiagnosis, type ExamineRequest } from '../src/data/doctor/examine.ts'
import { readDoctorSet } from '../src/data/doctor/doctorSet.ts'
import { compareSets } from '../src/data/doctor/drift/compareSets.ts'
import { reportPage } from '../src/data/doctor/reportPage.ts'
import { parseRules } from '../src/data/doctor/rules.ts'
import { StepRunner } from '../src/data/steps/stepRunner.ts'
import { wholeContent } from '../src/data/wholeContent.ts'
import type { DataSource } from '../src/core/runConfig.ts'
import { createConnection } from '../src/storage/connection.ts'
import type { BunsenDatabase } from '../src/storage/database.ts'
import { createStepStore } from '../src/storage/stepStore.ts'
import { exposeApi } from './expose.ts'
import type { Asked, DoctorWorkerApi, DoctorWorkerEvent } from './protocol.ts'
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

  examine: (source, asked) =>
    storage.use(async (db) => {
      let told = ''
      return examine(new StepRunner(createStepStore(db)), {
        ...(await requestOf(db, source, asked)),
        onProgress(progress) {
          const now = `${progress.title} ${Math.floor(progress.share * 100)}`
          if (now !== told) send({ type: 'checking', progress })
          told = now
        },
      })
    }),

  keptDiagnosis: (source, asked) =>
    storage.use(async (db) =>
      keptDiagnosis(new StepRunner(createStepStore(db)), await requestOf(db, source, asked)),
    ),

  compare: (first, second, labels) =>
    storage.use(async (db) => {
      const read = async (source: DataSource) => {
        const { name, kind, sizeBytes, bytes } = await sourceContent(db, source, baseUrl)
        return readDoctorSet(kind, await wholeContent(bytes(), sizeBytes), { name, labels })
      }
      return compareSets(await read(first), await read(second), { seed: 0 })
    }),

  reportPage: (source, diagnosis) =>
    storage.use(async (db) => {
      const { kind, sha256, sizeBytes, bytes } = await sourceContent(db, source, baseUrl)
      return reportPage(diagnosis, { kind, sha256, bytes: await wholeContent(bytes(), sizeBytes) })
    }),
}

async function requestOf(
  db: BunsenDatabase,
  source: DataSource,
  { labels, rules }: Asked,
): Promise<ExamineRequest> {
  const { name, kind, sha256, sizeBytes, bytes } = await sourceContent(db, source, baseUrl)
  return {
    name,
    kind,
    content: contentOf(bytes, sizeBytes),
    contentSha256: sha256,
    labels,
    rules: rules === null ? null : parseRules(rules),
    seed: 0,
  }
}

exposeApi(api)
