import type { TaskEntry } from '../../core/catalog.ts'
import type { DataSource } from '../../core/runConfig.ts'
import type { RunRecord } from '../runlist/records.ts'
import { isSameSource } from './sets.ts'

/** The best runs of the same task on a set and on its next version, by the same metric. */
export interface VersionResult {
  readonly task: string
  readonly metric: string
  readonly before: RunRecord
  /** null where the next version was not trained on yet. */
  readonly after: RunRecord | null
  /** By how much the next version's is better, in the metric's own unit; below 0 where it is worse. */
  readonly gain: number | null
}

/**
 * What retraining on the next version of a set brought: for each task and metric of runs on the parent, the best of them beside
 * the best on the version. Runs of which nothing was measured count for nothing.
 */
export function versionResults(
  runs: readonly RunRecord[],
  versions: { readonly parent: DataSource; readonly child: DataSource },
  tasks: readonly Pick<TaskEntry, 'id' | 'metrics'>[],
): VersionResult[] {
  const measured = (source: DataSource) =>
    runs.filter(({ best, config }) => best !== null && isSameSource(config.data.source, source))
  const [onParent, onChild] = [measured(versions.parent), measured(versions.child)]
  const kindOf = ({ best, config }: RunRecord) => JSON.stringify([config.task, best!.metric])
  return [...new Set(onParent.map(kindOf))].map((kind) => {
    const [task, metric] = JSON.parse(kind) as [string, string]
    const isHigher =
      tasks.find(({ id }) => id === task)?.metrics.find(({ name }) => name === metric)?.better === 'higher'
    const bestOf = (own: readonly RunRecord[]) =>
      own
        .filter((run) => kindOf(run) === kind)
        .reduce<RunRecord | null>((best, run) => {
          const isBetter = best === null || isHigher === run.best!.value > best.best!.value
          return isBetter && run.best!.value !== best?.best!.value ? run : best
        }, null)
    const [before, after] = [bestOf(onParent)!, bestOf(onChild)]
    const difference = after && after.best!.value - before.best!.value
    return { task, metric, before, after, gain: difference && (isHigher ? difference : -difference) }
  })
}
