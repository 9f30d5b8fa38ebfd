import { loadBundled } from '../../src/data/datasets/bundledNode.ts'
import { readDoctorSet, type DoctorSet } from '../../src/data/doctor/doctorSet.ts'
import { subset } from '../../src/data/doctor/subset.ts'
import { tableText } from '../../src/data/table/tableText.ts'
import { measureNoise, noises, rates, type NoiseResult } from './labelNoise.ts'

export interface LabelsRow extends NoiseResult {
  readonly set: string
  readonly items: number
  readonly noise: string
  readonly rate: number
}

/** Of larger sets every so many items are taken, so that all rows are made in minutes. */
const mostItems = 10_000
const sentencesOfEach = 2000
/** Shorter ones are titles and cries. Characters. */
const shortestSentence = 40

/** A set of each kind of data, with labels that are right, as far as anybody knows. */
const sets: readonly { readonly name: string; read(): Promise<DoctorSet> }[] = [
  { name: 'penguins', read: () => bundled('penguins', 'Species') },
  { name: 'digits', read: () => bundled('digits', null) },
  { name: 'Fashion-MNIST', read: () => bundled('fashion', null) },
  { name: 'sentences of two books', read: sentences },
]

/** Flips labels of each set and looks for them, in every kind and share of noise. Needs no GPU. */
export async function measureLabels(note: (line: string) => void): Promise<LabelsRow[]> {
  const rows: LabelsRow[] = []
  for (const { name, read } of sets) {
    const set = await read()
    for (const noise of noises)
      for (const rate of rates) {
        note(`labels: ${name}, ${noise}, ${rate}`)
        rows.push({ set: name, items: set.count, noise, rate, ...measureNoise(set, noise, rate) })
      }
  }
  return rows
}

export function labelsLines(rows: readonly LabelsRow[]): string[] {
  const percent = (share: number) => (100 * share).toFixed(1).padStart(8)
  return [
    `${'set (items)'.padEnd(32)}noise     flipped  accuracy %  found %  clean %`,
    ...rows.map(
      ({ set, items, noise, rate, accuracy, found, cleanFlagged }) =>
        `${`${set} (${items})`.padEnd(32)}${noise.padEnd(8)}${percent(rate)}%${percent(accuracy).padStart(12)} ${percent(found)} ${percent(cleanFlagged)}`,
    ),
  ]
}

async function bundled(id: string, labels: string | null): Promise<DoctorSet> {
  const { entry, bytes } = await loadBundled(id)
  const whole = readDoctorSet(entry.kind, bytes, { name: id, labels })
  const every = Math.ceil(whole.count / mostItems)
  return subset(
    whole,
    Int32Array.from({ length: Math.floor(whole.count / every) }, (_, i) => i * every),
  )
}

/** Which of two books a sentence stands in: texts of two classes that are told apart by their words. */
async function sentences(): Promise<DoctorSet> {
  const rows: string[][] = []
  for (const id of ['moby-dick', 'state-of-the-union']) {
    const { bytes } = await loadBundled(id)
    const all = new TextDecoder()
      .decode(bytes)
      .split(/(?<=[.!?])\s+/)
      .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
      .filter((sentence) => sentence.length >= shortestSentence)
    const every = Math.floor(all.length / sentencesOfEach)
    for (let i = 0; i < sentencesOfEach; i++) rows.push([all[i * every]!, id])
  }
  const text = tableText(['sentence', 'book'], rows)
  return readDoctorSet('table', new TextEncoder().encode(text), { name: 'sentences', labels: 'book' })
}
