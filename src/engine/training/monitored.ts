import type { RunConfig } from '../../core/runConfig.ts'
import { tasks } from '../tasks/registry.ts'

/** How much better a value of a metric is than another: below 0 where it is worse. */
export function improvement(
  { task }: Pick<RunConfig, 'task'>,
  metric: string,
  { from, to }: { from: number; to: number },
): number {
  const better = tasks.get(task).metrics.find(({ name }) => name === metric)?.better ?? 'lower'
  return better === 'higher' ? to - from : from - to
}
