import type { RunSchema } from '../core/runConfig.ts'
import { formatPath, type Field, type Fields, type Path } from '../core/schema.ts'
import type { Preset } from '../runs/presets/registry.ts'

/** Markdown that lists every setting with type, range, default and meaning. Made, never edited. */
export function configurationPage(schema: RunSchema, presets: readonly Preset[]): string {
  const lines = [
    '# Configuration',
    '',
    'Made by `npm run docs` from the field descriptors in the code; do not edit. A configuration file holds only what',
    'differs from the defaults: `{"seed": 1, "model": {"numLayers": 6}}` is a whole one. Unknown names and values out of',
    'range are errors with their path.',
    '',
    '## Presets',
    '',
    ...presets.map(({ id, title, summary }) => `- \`${id}\`: ${title}. ${summary}`),
    '',
    '## Settings',
    '',
    ...fieldLines(schema.fields, []),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** Tables of settings, and of those within them. */
export function fieldLines(fields: Fields, path: Path): string[] {
  const leaves = Object.entries(fields).filter(([, field]) => isLeaf(field))
  const inner = Object.entries(fields).filter(([, field]) => !isLeaf(field))
  return [
    ...(leaves.length === 0 ? [] : [...leafTable(leaves), '']),
    ...inner.flatMap(([name, field]) => innerLines(field, [...path, name])),
  ]
}

function isLeaf(field: Field): boolean {
  return field.type !== 'group' && field.type !== 'list' && field.type !== 'variant'
}

function leafTable(leaves: [string, Field][]): string[] {
  return [
    '| setting | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...leaves.map(
      ([name, field]) => `| \`${name}\` | ${typeText(field)} | ${defaultText(field)} | ${meaning(field)} |`,
    ),
  ]
}

function innerLines(field: Field, path: Path): string[] {
  const heading = [`### ${formatPath(path)}`, '', meaning(field), '']
  if (field.type === 'group') return [...heading, ...fieldLines(field.fields, path)]
  if (field.type === 'list') {
    const count = `A list of ${field.minItems} to ${field.maxItems} entries; ${field.defaultItems} when not given.`
    const item = isLeaf(field.item) ? [...leafTable([['each', field.item]]), ''] : itemLines(field.item, path)
    return [...heading, count, '', ...item]
  }
  return field.type === 'variant' ? [...heading, ...variantLines(field, path)] : heading
}

function itemLines(item: Field, path: Path): string[] {
  if (item.type === 'group') return fieldLines(item.fields, [...path, 0])
  return item.type === 'variant' ? variantLines(item, [...path, 0]) : []
}

function variantLines(field: Extract<Field, { type: 'variant' }>, path: Path): string[] {
  return field.options.flatMap((option) => [
    `**\`${field.tag}: "${option.value}"\`**${option.value === field.default ? ' (default)' : ''}: ${option.label}. ${linked(option.help, option.link)}`,
    '',
    ...fieldLines(option.fields, path),
  ])
}

function typeText(field: Field): string {
  switch (field.type) {
    case 'number':
    case 'int': {
      const kind = field.type === 'int' ? 'whole number' : 'number'
      return `${kind} ${field.min} to ${field.max}${field.unit ? ` ${field.unit}` : ''}`
    }
    case 'bool':
      return 'true or false'
    case 'choice':
      return field.options.map(({ value }) => `\`${value}\``).join(', ')
    case 'text':
      return field.pattern ? field.pattern.means : `text, at most ${field.maxLength}`
    default:
      return ''
  }
}

function defaultText(field: Field): string {
  return 'default' in field ? `\`${JSON.stringify(field.default)}\`` : ''
}

function meaning(field: Field): string {
  const live = 'isLive' in field && field.isLive ? ' Can be changed while a run goes on.' : ''
  return `${field.label}. ${linked(field.help, field.link)}${live}`
}

function linked(help: string, link: string | undefined): string {
  return (link === undefined ? help : `${help} ([source](${link}))`)
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
}
