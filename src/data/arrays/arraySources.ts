import { counted } from '../../core/counted.ts'
import { DataError } from '../../core/errors.ts'
import type { HeldPicture, HeldRows, NamedArray } from '../reading/held.ts'
import type { Notify } from '../reading/notice.ts'
import { memorySource, pathOf, type ImportSource } from '../reading/source.ts'
import { countOdd, frameOf, pictureAt, scaleOf, type Frame } from './pixels.ts'
import { labelTexts, partOf, roleOf } from './roles.ts'

/** Arrays of one part of a set, its items with what is said of them. */
interface Group {
  readonly items: NamedArray
  readonly label: NamedArray | null
  readonly caption: NamedArray | null
  /** More of one value an item. */
  readonly beside: readonly NamedArray[]
}

interface Found {
  readonly source: ImportSource
  readonly array: NamedArray
}

/**
 * The files, with all arrays among them taken together as pictures or rows with their labels. Parts (`x_train`, `x_test`) are
 * joined, the training part first. What was assumed is told. Throws `array-shape` where nothing is items.
 */
export function withArrays(files: readonly ImportSource[], notify: Notify): ImportSource[] {
  const found: Found[] = []
  const others: ImportSource[] = []
  for (const source of files) {
    if (source.held?.kind === 'array') found.push({ source, array: source.held.array })
    else others.push(source)
  }
  return found.length === 0 ? others : [...others, ...itemsOf(found, notify)]
}

function itemsOf(found: readonly Found[], notify: Notify): ImportSource[] {
  const { source } = found[0]!
  const arrays = found.map(({ array }) => array)
  const classes = arrays.find((array) => roleOf(array) === 'classes')?.values as readonly string[] | undefined
  const groups = groupsOf(arrays)
  const [first] = groups
  if (!first) throw noItems(source.name, arrays)
  const used = new Set(
    groups.flatMap(({ items, label, caption, beside }) => [items, label, caption, ...beside]),
  )
  const unused = arrays.filter((array) => !used.has(array) && roleOf(array) !== 'classes')
  if (unused.length > 0) notify('warning', `Left out, not being of the same items: ${describe(unused)}.`)
  if (groups.length > 1)
    notify(
      'info',
      `${groups.map(({ items }) => items.name).join(' and ')} are one set: a part of it is held out when it is learned from.`,
    )
  const frame = frameOf(first.items)
  const total = { ...source, sizeBytes: found.reduce((sum, { source: own }) => sum + own.sizeBytes, 0) }
  return frame === null
    ? [rowsOf(total, groups, classes ?? null, notify)]
    : picturesOf(total, groups, { frame, classes: classes ?? null, notify })
}

/** By part, the training part first; parts whose items are of another shape are left out. */
function groupsOf(arrays: readonly NamedArray[]): Group[] {
  const parts = [...new Set(arrays.map(({ name }) => partOf(name).part))].sort(
    (a, b) => Number(b.startsWith('train')) - Number(a.startsWith('train')),
  )
  const groups: Group[] = []
  for (const part of parts) {
    const own = arrays.filter(({ name }) => partOf(name).part === part)
    const sized = (array: NamedArray) => array.shape.length > 0 && array.shape[0]! > 0
    const candidates = own.filter((array) => roleOf(array) === 'items' && sized(array))
    const [items] = [...candidates].sort(
      (a, b) => Number(b.shape.length > 1) - Number(a.shape.length > 1) || b.values.length - a.values.length,
    )
    if (!items) continue
    const isWidth = String(items.shape.slice(1)) === String((groups[0]?.items ?? items).shape.slice(1))
    if (!isWidth) continue
    const isSameCount = (array: NamedArray) => array !== items && array.shape[0] === items.shape[0]
    const of = (role: string) => own.find((array) => roleOf(array) === role && isSameCount(array)) ?? null
    const beside = own.filter(
      (array) => isSameCount(array) && roleOf(array) === 'items' && array.shape.length === 1,
    )
    groups.push({ items, label: of('label'), caption: of('caption'), beside })
  }
  return groups
}

function picturesOf(
  file: ImportSource,
  groups: readonly Group[],
  { frame, classes, notify }: { frame: Frame; classes: readonly string[] | null; notify: Notify },
): ImportSource[] {
  const scale = scaleOf(groups.map(({ items }) => items))
  const { height, width, channels } = frame
  const order = frame.isChannelsFirst ? ', channels first' : ''
  notify(
    'info',
    `${describe(groups.map(({ items }) => items))} was read as pictures of ${width} × ${height} with ${channels} ${channels === 1 ? 'channel' : 'channels'}${order}${scale.words === null ? '' : `; ${scale.words}`}.`,
  )
  const odd = groups.reduce((sum, { items }) => sum + countOdd(items), 0)
  if (odd > 0)
    notify(
      'warning',
      `${counted(odd, 'value is', 'values are')} no number or infinite, and taken as the least or the most that a pixel has.`,
    )
  const stem = pathOf(file).replace(/\.[^./]+$/, '')
  const out: ImportSource[] = []
  for (const { items, label, caption } of groups) {
    const count = items.shape[0]!
    const labels = label && isClasses(label) ? labelTexts(label, classes) : null
    if (label && !labels)
      notify('warning', `${label.name} holds no classes, and was left out: pictures have classes or none.`)
    for (let i = 0; i < count; i++) {
      const name = String(out.length + 1).padStart(6, '0')
      const held: HeldPicture = {
        kind: 'picture',
        decode: async () => pictureAt(items, i, frame, scale),
        label: labels?.[i] ?? null,
        caption: caption ? String(caption.values[i]).trim() || null : null,
      }
      out.push({
        ...memorySource(name, ''),
        path: `${stem}/${name}`,
        sizeBytes: Math.ceil(file.sizeBytes / count),
        held,
      })
    }
  }
  return out
}

/** Texts or whole numbers, not as many as there are items. */
function isClasses({ values, shape }: NamedArray): boolean {
  if (Array.isArray(values) || (shape[1] ?? 1) > 1) return true
  for (let i = 0; i < values.length; i++) if (!Number.isInteger(Number(values[i]))) return false
  return true
}

function rowsOf(
  file: ImportSource,
  groups: readonly Group[],
  classes: readonly string[] | null,
  notify: Notify,
): ImportSource {
  const { items, label, beside, caption } = groups[0]!
  if (items.shape.length > 2)
    throw noItems(
      file.name,
      groups.map((group) => group.items),
    )
  const width = items.shape[1] ?? 1
  const own =
    items.shape.length === 1
      ? [nameOf(items)]
      : Array.from({ length: width }, (_, i) => `${nameOf(items)} ${i + 1}`)
  const extra = [...beside, ...[caption, label].filter((array) => array !== null)].map(nameOf)
  const columns = [...own, ...extra].map((name, i, all) =>
    all.indexOf(name) < i ? `${name} (${i + 1})` : name,
  )
  notify(
    'info',
    `${describe(groups.map((group) => group.items))} was read as rows of ${columns.length} columns.`,
  )
  const cells = (group: Group): readonly (readonly string[])[] => {
    const named = (name: string) => group.beside.find((array) => nameOf(array) === name)
    return [
      ...beside.map((array) => textsOf(named(nameOf(array)), group)),
      ...(caption ? [textsOf(group.caption, group)] : []),
      ...(label ? [group.label ? labelTexts(group.label, classes) : textsOf(null, group)] : []),
    ]
  }
  const held: HeldRows = {
    kind: 'rows',
    importer: (file.held as { importer: string }).importer,
    columns,
    async *rows(_signal, only) {
      for (const group of groups) {
        const more = cells(group)
        for (let row = 0; row < group.items.shape[0]!; row++) {
          const values = Array.from({ length: width }, (_, i) => cellOf(group.items.values[row * width + i]))
          const whole = [...values, ...more.map((column) => column[row]!)]
          yield only === undefined ? whole : [whole[only]!]
        }
      }
    },
  }
  return { ...file, held }
}

const nameOf = ({ name }: NamedArray) => partOf(name).own.trim() || 'x'

/** What is no number is missing. */
const cellOf = (value: unknown) => (typeof value === 'number' && Number.isNaN(value) ? '' : String(value))

function textsOf(array: NamedArray | null | undefined, { items }: Group): string[] {
  return Array.from({ length: items.shape[0]! }, (_, i) => (array ? cellOf(array.values[i]) : ''))
}

function describe(arrays: readonly NamedArray[]): string {
  const names = arrays.slice(0, 4).map(({ name, shape }) => `${name.slice(0, 40)} [${shape.join(', ')}]`)
  return arrays.length > 4 ? `${names.join(', ')} and ${arrays.length - 4} more` : names.join(', ')
}

function noItems(name: string, arrays: readonly NamedArray[]): DataError {
  return new DataError(
    `${name}: must hold pictures [N, height, width] or [N, height, width, channels] or rows [N, D], got ${describe(arrays)}; nothing was stored`,
    {
      code: 'array-shape',
      remedy:
        'Save items along the first axis, with their labels as an array y or labels of the same length beside it.',
      details: { file: name },
    },
  )
}
