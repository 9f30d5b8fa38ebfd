import type { RunConfig, RunSchema } from './runConfig.ts'
import { formatPath, type ConfigValue, type Field, type Path } from './schema.ts'

/** One setting that differs between two configs, in words. */
export interface Change {
  path: Path
  /** "Model › Layers" */
  label: string
  from: string
  to: string
}

/** What differs from `base` to `config`, leaf by leaf; a variant of another kind is one change. */
export function listChanges(schema: RunSchema, base: RunConfig, config: RunConfig): Change[] {
  const changes: Change[] = []
  visit(schema, base, config, [], [], changes)
  return changes
}

/** A leaf's value for people. */
export function formatValue(field: Field, value: ConfigValue | undefined): string {
  if (value === undefined) return 'none'
  switch (field.type) {
    case 'choice':
      return field.options.find((option) => option.value === value)?.label ?? String(value)
    case 'bool':
      return value === true ? 'on' : 'off'
    case 'number':
    case 'int':
      return field.unit ? `${value} ${field.unit}` : String(value)
    case 'text':
      return value === '' ? 'empty' : JSON.stringify(value)
    case 'variant': {
      const tag = (value as Record<string, ConfigValue>)[field.tag]
      return field.options.find((option) => option.value === tag)?.label ?? String(tag)
    }
    case 'list':
      return `${(value as readonly ConfigValue[]).length} entries`
    case 'group':
      return 'settings'
  }
}

function visit(
  field: Field,
  base: ConfigValue,
  value: ConfigValue,
  path: Path,
  labels: readonly string[],
  out: Change[],
): void {
  const report = () => {
    if (JSON.stringify(base) === JSON.stringify(value)) return
    out.push({
      path,
      label: labels.join(' › ') || formatPath(path),
      from: formatValue(field, base),
      to: formatValue(field, value),
    })
  }
  if (field.type === 'group') {
    for (const [name, child] of Object.entries(field.fields)) {
      visit(child, get(base, name), get(value, name), [...path, name], [...labels, child.label], out)
    }
    return
  }
  if (field.type === 'variant') {
    const tag = get(value, field.tag)
    if (get(base, field.tag) !== tag) return report()
    const option = field.options.find((candidate) => candidate.value === tag)
    for (const [name, child] of Object.entries(option?.fields ?? {})) {
      visit(child, get(base, name), get(value, name), [...path, name], [...labels, child.label], out)
    }
    return
  }
  if (field.type === 'list') {
    const a = base as readonly ConfigValue[]
    const b = value as readonly ConfigValue[]
    if (a.length !== b.length) return report()
    b.forEach((item, i) =>
      visit(field.item, a[i]!, item, [...path, i], b.length > 1 ? [...labels, String(i + 1)] : labels, out),
    )
    return
  }
  report()
}

function get(value: ConfigValue, name: string): ConfigValue {
  return (value as Record<string, ConfigValue>)[name]!
}
