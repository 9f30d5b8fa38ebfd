import type { RunConfig } from '../core/runConfig.ts'
import type { StepReport } from '../core/steps.ts'
import type { PreparedAt } from '../storage/preparedStore.ts'
import type { Workers } from './workerClient.ts'

/** Has the data of a run made or found again. What could not be stored goes by way of the page. */
export async function prepareRun(
  { data: worker }: Pick<Workers, 'data'>,
  { data, seed }: RunConfig,
): Promise<PreparedAt & { reports: readonly StepReport[] }> {
  const { key, isKept, reports } = await worker.prepare(data, seed, false)
  const preparedBytes = isKept ? null : await worker.takeUnkept(key)
  return { preparedKey: key, preparedBytes, reports }
}
