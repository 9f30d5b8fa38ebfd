import type { RunConfig } from '../../core/runConfig.ts'
import { formatPath, type ConfigValue, type Field, type Path } from '../../core/schema.ts'

export interface ListedField {
  path: Path
  key: string
  /** `Model › Layers` */
  label: string
}

/** The settings that a config has now, in the order of the form: leaves, and the choice of each variant. */
export function fieldList(schema: Field, config: RunConfig): ListedField[] {
  const found: ListedField[] = []
  visit(schema, config, [], [], found)
  return found
}

function visit(
  field: Field,
  value: ConfigValue,
  path: Path,
  labels: readonly string[],
  found: ListedField[],
): void {
  const add = () => found.push({ path, key: formatPath(path), label: labels.join(' › ') })
  const enter = (fields: Readonly<Record<string, Field>>) => {
    for (const [name, child] of Object.entries(fields)) {
      if (isFixed(child)) continue
      visit(
        child,
        (value as Record<string, ConfigValue>)[name]!,
        [...path, name],
        [...labels, child.label],
        found,
      )
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
      visit(field.item, item, [...path, i], names, found)
    })
  } else add()
}

/** A number that can have one value only is no setting. */
export function isFixed(field: Field): boolean {
  return (field.type === 'int' || field.type === 'number') && field.min === field.max
}
