import type { Lab } from '../../runs/lab.svelte.ts'
import { formatPath, valueAt, type ConfigValue, type Field, type Path } from '../../core/schema.ts'
import { steering } from '../run/steering.svelte.ts'

/** What a change of a setting means while a run goes on: it takes it up at once, or the next run will. */
export type Liveness = 'live' | 'next-run' | null

export function livenessOf(lab: Lab, field: Field, path: Path): Liveness {
  const run = lab.run
  if (!run?.isActive || !lab.draft) return null
  if (isLearningRate(field, path) && path[1] === run.stageIndex) return 'live'
  const ofRun = valueAt(run.config, path)
  return JSON.stringify(ownPart(field, ofRun)) === JSON.stringify(ownPart(field, lab.draft.value(path)))
    ? null
    : 'next-run'
}

/** Of a variant, its choice alone: its members have rows of their own. */
function ownPart(field: Field, value: ConfigValue | undefined): ConfigValue | undefined {
  return field.type === 'variant' ? (value as Record<string, ConfigValue> | undefined)?.[field.tag] : value
}

/** Sets a value, and tells the run where it can take it up. */
export function setField(lab: Lab, field: Field, path: Path, value: unknown): void {
  if (formatPath(path) === 'task') return lab.chooseTask(String(value))
  lab.draft?.set(path, value)
  if (
    livenessOf(lab, field, path) === 'live' &&
    lab.draft?.issueAt(path) === null &&
    typeof value === 'number'
  ) {
    void steering.send(lab, { type: 'set-learning-rate', value })
  }
}

function isLearningRate(field: Field, path: Path): boolean {
  return field.type === 'number' && field.isLive === true && path.at(-1) === 'learningRate'
}
