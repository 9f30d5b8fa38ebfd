import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataKind } from '../../src/core/catalog.ts'
import type { Prepared } from '../../src/core/prepared.ts'
import { packPrepared } from '../../src/core/preparedValue.ts'
import { parseRunConfig, type RunConfig, type StageConfig } from '../../src/core/runConfig.ts'
import { sha256Hex } from '../../src/core/sha256.ts'
import { encodeStepValue } from '../../src/core/stepValue.ts'
import { loadBundled } from '../../src/data/datasets/bundledNode.ts'
import { prepare, prepareWith } from '../../src/data/prepare.ts'
import { StepRunner } from '../../src/data/steps/stepRunner.ts'
import { runSchema } from '../../src/headless/resolveConfig.ts'
import { openStepFolder } from '../../src/headless/stepFolder.ts'
import { presets } from '../../src/runs/presets/registry.ts'

type Plain = Record<string, unknown>

/** One thing that a person changes before the next run. */
interface Edit {
  readonly what: string
  /** Laid over the configuration as it is. */
  readonly change?: Plain | ((config: RunConfig) => Plain)
  /** Begins with this preset. */
  readonly preset?: string
  /** Adds this to the files of the set. */
  readonly add?: () => Promise<Uint8Array>
}

const data = (change: Plain): Plain => ({ data: change })
const stage =
  (changeOf: (stage: StageConfig) => Plain) =>
  ({ stages: [first] }: RunConfig): Plain => ({ stages: [{ ...first, ...changeOf(first!) }] })
const learningRate = (value: number) =>
  stage(({ optimizer }) => ({ optimizer: { ...optimizer, learningRate: value } }))
const words = (maxVocabSize: number, minCount = 1) =>
  data({ tokenizer: { kind: 'words', maxVocabSize, minCount, isLowercase: true } })
const characters = (maxVocabSize: number) => data({ tokenizer: { kind: 'characters', maxVocabSize } })
const tail = (fraction: number) => data({ split: { kind: 'tail', fraction } })
const items = (fraction: number) => data({ split: { kind: 'random-items', fraction } })

const newline = 10

const edits: readonly Edit[] = [
  { what: 'open Moby-Dick', preset: 'char-gpt' },
  { what: 'learning rate', change: learningRate(0.0005) },
  { what: 'batch size', change: stage(() => ({ batchSize: 8 })) },
  { what: 'layers of the model', change: { model: { numLayers: 2 } } },
  { what: 'split 0.1 → 0.2', change: tail(0.2) },
  { what: 'characters at most 64', change: characters(64) },
  { what: 'lower case', change: data({ transforms: [{ kind: 'lowercase' }] }) },
  { what: 'words, at most 8192', change: words(8192) },
  { what: 'words, at most 2000', change: words(2000) },
  { what: 'order of windows', change: data({ sampler: { kind: 'shuffled-windows' } }) },
  {
    what: 'random blocks',
    change: data({ split: { kind: 'blocks', fraction: 0.1, blockCharacters: 10000 } }),
  },
  { what: 'seed 42 → 43', change: { seed: 43 } },
  { what: 'back to the end of the text', change: tail(0.2) },
  { what: 'words that stand twice', change: words(2000, 2) },
  { what: 'back to 8192 words', change: words(8192) },
  {
    what: 'a text of 200 kB added',
    async add() {
      const { bytes } = await loadBundled('state-of-the-union')
      return bytes.subarray(0, bytes.lastIndexOf(newline, 200_000) + 1)
    },
  },
  { what: 'learning rate once more', change: learningRate(0.0002) },
  {
    what: 'white space in one',
    change: data({ transforms: [{ kind: 'lowercase' }, { kind: 'collapse-whitespace', isOneLine: true }] }),
  },
  { what: 'open emoji and names', preset: 'emoji-clip' },
  { what: 'pictures of 16', change: data({ images: { size: 16, color: 'as-is' } }) },
  { what: 'in grey', change: data({ images: { size: 16, color: 'grey' } }) },
  {
    what: 'weight of the loss',
    change: stage(({ losses }) => ({ losses: [{ ...losses[0], weight: 0.5 }] })),
  },
  { what: 'split 0.1 → 0.2', change: items(0.2) },
  { what: 'names by characters', change: characters(4096) },
  { what: 'pictures are shifted', change: data({ augmentations: [{ kind: 'shift', pixels: 2 }] }) },
  { what: 'another seed', change: { seed: 44 } },
  { what: 'back to colours', change: data({ images: { size: 16, color: 'as-is' } }) },
  { what: 'open names in English and German', preset: 'names-to-german' },
  { what: 'split 0.1 → 0.15', change: items(0.15) },
  { what: 'a larger vocabulary', change: words(4000) },
]

export interface StepsEdit {
  readonly what: string
  /** Steps that were computed, of those that there are. */
  readonly computed: number
  readonly steps: number
  /** With what was kept, without anything kept, and where only the same whole preparation is found again. */
  readonly seconds: number
  readonly secondsWithout: number
  readonly secondsByOneKey: number
}

export interface StepsResult {
  readonly edits: readonly StepsEdit[]
  readonly savedShare: number
  readonly savedShareByOneKey: number
}

/**
 * The script of edits, each prepared with what the edits before it left in a folder, and from nothing. Throws where the two
 * differ by a byte.
 */
export async function measureSteps(note: (line: string) => void): Promise<StepsResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bunsen-steps-'))
  const found: StepsEdit[] = []
  const seen = new Set<string>()
  let config = parseRunConfig(runSchema(), {})
  let set: { kind: DataKind; bytes: Uint8Array; sha256: string } | null = null
  try {
    for (const [i, edit] of edits.entries()) {
      note(`steps: ${i + 1} of ${edits.length}, ${edit.what}`)
      if (edit.preset !== undefined) {
        config = parseRunConfig(runSchema(), presets.find(({ id }) => id === edit.preset)!.config)
        const { source } = config.data
        if (source.kind !== 'bundled') throw new TypeError(`${edit.preset}: must be of a bundled set`)
        const { bytes, entry } = await loadBundled(source.id)
        set = { kind: entry.kind, bytes, sha256: entry.sha256 }
      }
      if (edit.add) {
        const bytes = Buffer.concat([set!.bytes, await edit.add()])
        set = { ...set!, bytes, sha256: sha256Hex(bytes) }
      }
      config = parseRunConfig(
        runSchema(),
        laidOver(config, typeof edit.change === 'function' ? edit.change(config) : (edit.change ?? {})),
      )
      const { kind, bytes, sha256 } = set!
      const content = async function* () {
        yield bytes
      }
      const request = {
        kind,
        content,
        sizeBytes: bytes.length,
        contentSha256: sha256,
        data: config.data,
        seed: config.seed,
      }
      // In turns, so that neither always finds warmed code.
      const without = () => timed(() => prepare(request))
      const kept = () =>
        timed(() => prepareWith(new StepRunner(openStepFolder({ budgetBytes: 2e9, folder })), request))
      const [first, second] = i % 2 === 0 ? [await without(), await kept()] : [await kept(), await without()]
      const [plain, cached] = (i % 2 === 0 ? [first, second] : [second, first]) as [
        Awaited<ReturnType<typeof without>>,
        Awaited<ReturnType<typeof kept>>,
      ]
      const { prepared, reports } = cached.value
      if (digest(prepared) !== digest(plain.value))
        throw new TypeError(`${edit.what}: reused and computed differ`)
      found.push({
        what: edit.what,
        computed: reports.filter(({ outcome }) => outcome === 'computed').length,
        steps: reports.length,
        seconds: cached.seconds,
        secondsWithout: plain.seconds,
        secondsByOneKey: seen.has(prepared.key) ? cached.seconds : plain.seconds,
      })
      seen.add(prepared.key)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const total = (of: (edit: StepsEdit) => number) => found.reduce((sum, edit) => sum + of(edit), 0)
  const without = total(({ secondsWithout }) => secondsWithout)
  return {
    edits: found,
    savedShare: 1 - total(({ seconds }) => seconds) / without,
    savedShareByOneKey: 1 - total(({ secondsByOneKey }) => secondsByOneKey) / without,
  }
}

export function stepsLines({ edits: found, savedShare, savedShareByOneKey }: StepsResult): string[] {
  const columns = ['edit', 'computed', 's', 's from nothing']
  const rows = found.map(({ what, computed, steps, seconds, secondsWithout }) => [
    what,
    `${computed} of ${steps}`,
    seconds.toFixed(3),
    secondsWithout.toFixed(3),
  ])
  const widths = columns.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  return [
    ...[columns, ...rows].map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    ),
    `steps: ${percent(savedShare)} of the time saved over ${found.length} edits; with one key for all of it ${percent(savedShareByOneKey)}`,
  ]
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ value: Value; seconds: number }> {
  const startedAt = performance.now()
  const value = await work()
  return { value, seconds: (performance.now() - startedAt) / 1000 }
}

function digest(prepared: Prepared): string {
  return sha256Hex(encodeStepValue(packPrepared(prepared)))
}

/** Groups are laid over one another; lists and variants of another kind take each other's place. */
function laidOver(below: unknown, above: unknown): unknown {
  if (!isGroup(below) || !isGroup(above) || ('kind' in above && above['kind'] !== below['kind'])) return above
  const merged = Object.entries(above).map(([name, value]) => [name, laidOver(below[name], value)])
  return { ...below, ...(Object.fromEntries(merged) as Plain) }
}

function isGroup(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
