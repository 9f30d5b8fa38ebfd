import type { KeptPoint } from '../../workers/protocol.ts'
import { branchIssues } from '../core/branch.ts'
import type { Catalog } from '../core/catalog.ts'
import {
  checkRunConfig,
  createRunSchema,
  defaultRunConfig,
  type RunConfig,
  type RunSchema,
} from '../core/runConfig.ts'
import {
  fieldAt,
  formatPath,
  parse,
  valueAt,
  withValueAt,
  type ConfigValue,
  type Field,
  type Issue,
  type Path,
} from '../core/schema.ts'
import { listChanges, type Change } from '../core/changes.ts'

/** What one undo brings back. */
interface Remembered {
  config: RunConfig
  baseline: RunConfig
  preset: string | null
  branch: BranchPlan | null
}

/** The checkpoint of a run that the draft is to leave. */
export interface BranchPlan {
  readonly runId: string
  readonly name: string
  readonly point: KeptPoint
}

/**
 * The configuration being edited. `config` is always whole and valid; what a person typed that is not, waits in
 * `issues` at its field until it is mended or reset.
 */
export class Draft {
  readonly catalog: Catalog
  readonly schema: RunSchema
  readonly defaults: RunConfig
  config: RunConfig = $state.raw(null!)
  /** What "changed" and "reset" compare with: the preset as it was chosen, or the shared link's preset. */
  baseline: RunConfig = $state.raw(null!)
  preset: string | null = $state(null)
  /** Set while the draft is a branch of a stored run. */
  branch: BranchPlan | null = $state.raw(null)
  #invalid: ReadonlyMap<string, { path: Path; raw: unknown; issues: Issue[] }> = $state.raw(new Map())
  #undo: readonly Remembered[] = $state.raw([])

  constructor(catalog: Catalog) {
    this.catalog = catalog
    this.schema = createRunSchema(catalog)
    this.defaults = defaultRunConfig(this.schema)
    this.config = this.defaults
    this.baseline = this.defaults
  }

  /** What a branch cannot change there. */
  #ofBranch: Issue[] = $derived.by(() =>
    this.branch ? branchIssues(this.schema, this.branch.point, this.config) : [],
  )
  issues: Issue[] = $derived.by(() => [
    ...[...this.#invalid.values()].flatMap((entry) => entry.issues),
    ...this.#ofBranch,
  ])
  /** What differs from the baseline, in words. */
  changes: Change[] = $derived.by(() => listChanges(this.schema, this.baseline, this.config))
  canUndo = $derived(this.#undo.length > 0)

  value(path: Path): ConfigValue | undefined {
    return valueAt(this.config, path)
  }
  /** What the control shows: the text that was refused, else the value. */
  shown(path: Path): unknown {
    const invalid = this.#invalid.get(formatPath(path))
    return invalid ? invalid.raw : this.value(path)
  }
  field(path: Path): Field | null {
    return fieldAt(this.schema, this.config, path)
  }
  issueAt(path: Path): Issue | null {
    const key = formatPath(path)
    const ofBranch = this.#ofBranch.find((issue) => formatPath(issue.path) === key)
    return this.#invalid.get(key)?.issues[0] ?? ofBranch ?? null
  }
  isChanged(path: Path): boolean {
    const here = this.value(path)
    const base = valueAt(this.baseline, path)
    return JSON.stringify(here) !== JSON.stringify(base)
  }

  /** Puts a value at a path. Refused values stay visible with their issue and leave `config` as it was. */
  set(path: Path, value: unknown): void {
    const field = this.field(path)
    if (!field) return
    const key = formatPath(path)
    const invalid = new Map(this.#invalid)
    const parsed = parse(field, value)
    if (parsed.isValid) {
      invalid.delete(key)
      this.#apply(withValueAt(this.config, path, parsed.value as ConfigValue))
    } else {
      invalid.set(key, {
        path,
        raw: value,
        issues: parsed.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })),
      })
    }
    this.#invalid = invalid
  }

  /** Back to the baseline's value; a variant's other members come back with it. */
  reset(path: Path): void {
    const invalid = new Map(this.#invalid)
    const key = formatPath(path)
    for (const at of invalid.keys())
      if (at === key || at.startsWith(`${key}.`) || at.startsWith(`${key}[`)) invalid.delete(at)
    this.#invalid = invalid
    const base = valueAt(this.baseline, path)
    if (base !== undefined) this.#apply(withValueAt(this.config, path, base))
  }

  resetAll(): void {
    this.#invalid = new Map()
    this.#apply(this.baseline)
  }

  undo(): void {
    const previous = this.#undo.at(-1)
    if (!previous) return
    this.#undo = this.#undo.slice(0, -1)
    this.#invalid = new Map()
    this.config = previous.config
    this.baseline = previous.baseline
    this.preset = previous.preset
    this.branch = previous.branch
  }

  /** A preset becomes both draft and baseline. */
  usePreset(id: string, partial: ConfigValue): void {
    const checked = checkRunConfig(this.schema, partial)
    if (!checked.isValid) throw new Error(`Preset ${id}: ${JSON.stringify(checked.issues)}`)
    this.#remember()
    this.#invalid = new Map()
    this.preset = id
    this.branch = null
    this.config = checked.value
    this.baseline = checked.value
  }

  /** A config from a link, a file or a stored run: compared with the defaults. */
  useConfig(config: RunConfig): void {
    this.#remember()
    this.#invalid = new Map()
    this.preset = null
    this.branch = null
    this.config = config
    this.baseline = this.defaults
  }

  /** The settings of a run, to leave it at a checkpoint: compared with its own. */
  useBranch(branch: BranchPlan, preset: string | null, config: RunConfig = branch.point.config): void {
    this.#remember()
    this.#invalid = new Map()
    this.preset = preset
    this.branch = branch
    this.config = config
    this.baseline = branch.point.config
  }

  /** The same settings, for a run that begins anew. */
  leaveBranch(): void {
    this.#remember()
    this.branch = null
  }

  #remember(): void {
    // Nobody made the defaults that stand there before the first preset: there is nothing to go back to.
    if (this.config === this.defaults && this.preset === null) return
    const { config, baseline, preset, branch } = this
    this.#undo = [...this.#undo.slice(-49), { config, baseline, preset, branch }]
  }

  #apply(next: ConfigValue): void {
    const checked = checkRunConfig(this.schema, next)
    if (!checked.isValid) return
    if (JSON.stringify(checked.value) === JSON.stringify(this.config)) return
    this.#remember()
    this.config = checked.value
  }
}
