import type { RunConfig } from '../../core/runConfig.ts'
import { formatPath, type ConfigValue, type Field, type Path } from '../../core/schema.ts'

export interface ListedField {
  path: Path
  key: string
  /** `Model › Layers` */
  label: string
}

/** The settings that a config has now and that are shown, in the order of the form: leaves, and the choice of each variant. */
export function fieldList(
  schema: Field,
  config: RunConfig,
  isShown: (field: Field) => boolean = () => true,
): ListedField[] {
  const found: ListedField[] = []
  visit(schema, config, { path: [], labels: [], isShown, found })
  return found
}

interface Visit {
  readonly path: Path
  readonly labels: readonly string[]
  isShown(field: Field): boolean
  readonly found: ListedField[]
}

function visit(field: Field, value: ConfigValue, at: Visit): void {
  const { path, labels, isShown, found } = at
  const add = () => found.push({ path, key: formatPath(path), label: labels.join(' › ') })
  const enter = (fields: Readonly<Record<string, Field>>) => {
    for (const [name, child] of Object.entries(fields)) {
      if (isFixed(child) || !isShown(child)) continue
      const own = (value as Record<string, ConfigValue>)[name]!
      visit(child, own, { ...at, path: [...path, name], labels: [...labels, child.label] })
    }
  }
  if (field.type === 'group') enter(field.fields)
  else if (field.type === 'variant') {
    add()
    const tag = (value as Record<string, ConfigValue>)[field.tag]
    enter(field.options.find((option) => option.value === tag)?.fields ?? {})
  } else if (field.type === 'list') {
    const items = value as readonly ConfigValue[]
    items.forEach((item, i) => {
      const names = items.length > 1 ? [...labels, String(i + 1)] : labels
      visit(field.item, item, { ...at, path: [...path, i], labels: names })
    })
  } else add()
}

/** A number that can have one value only is no setting. */
export function isFixed(field: Field): boolean {
  return (field.type === 'int' || field.type === 'number') && field.min === field.max
}
