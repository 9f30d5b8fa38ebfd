import type { DataFacts } from '../../core/dataFacts.ts'
import { DataError } from '../../core/errors.ts'
import { elementCount, float32Tensor, type HostTensor, type NamedTensors } from '../../core/hostTensor.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { formatIssue } from '../../core/schema.ts'
import { showValue } from '../../core/showValue.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import type { ModelSpec } from '../models/defineModel.ts'
import { fromHub, sameInHub, type HubTensor, type HubWeight } from '../models/hubWeights.ts'
import type { DataSizes } from '../models/modelInputs.ts'
import { models } from '../models/registry.ts'
import { resizePositions } from '../nn/resizePositions.ts'
import { tasks } from '../tasks/registry.ts'
import { learnedLogScales } from './logScale.ts'

/** What a run begins with in place of its first weights. */
export interface StartWeights {
  /** Ours, for `importState(…, 'given')`. */
  readonly tensors: NamedTensors
  /** What the file does not give, or gives in vain. */
  readonly notices: readonly string[]
}

interface GivenFile {
  readonly config: RunConfig
  readonly facts: DataFacts
  readonly tensors: NamedTensors
  /** Of the file, for messages. */
  readonly name: string
}

/** The model whose architecture a file of Hugging Face's has, told by its names; null where it is none of those. */
export function modelInFile(tensors: NamedTensors): ModelSpec | null {
  const names = [...tensors.keys()]
  return (
    models.all.find(
      ({ hub, importName }) => hub && names.some((name) => importName(name) === hub.landmark),
    ) ?? null
  )
}

/**
 * The weights of somebody's file as those of a run: of Hugging Face's architecture where the model is one, or under the model's
 * own names. All must be there and of the run's shapes but for heads, which belong to a task: one that is missing or scores
 * something else begins anew. Places of patches are brought to the run's grid, and CLIP's temperature to the losses.
 *
 * @throws DataError `weights-mismatch` with the first tensors that are missing, left over or of other shapes;
 *   `weights-not-finite`
 */
export function hubStart(file: GivenFile): StartWeights {
  const { config, facts } = file
  const model = models.get(config.model.kind)
  const sizes = tasks.get(config.task).sizes(facts, config)
  const inFile = modelInFile(file.tensors)
  const isOfHub = inFile === model
  if (inFile !== null && !isOfHub)
    throw mismatch(file, `holds a ${inFile.hub!.title}, and the run's model is a ${model.title}`)
  const misfits = isOfHub ? model.hub!.misfits(config.model, sizes) : []
  if (misfits.length > 0) {
    const settings = misfits.map((issue) => formatIssue({ ...issue, path: ['model', ...issue.path] }))
    throw mismatch(
      file,
      `holds a ${model.hub!.title}, which cannot have these settings: ${settings.join('; ')}`,
    )
  }
  const table = isOfHub
    ? model.hub!.table(config.model, sizes)
    : model.parameters(config.model, sizes).map(sameInHub)
  const isOfHead = isOfHub ? model.hub!.isOfHead : () => false
  const notices: string[] = []
  const given = named(file, model)
  if (isOfHub) checkVocabulary(file, given.get(model.hub!.words ?? '')?.shape[0], sizes)
  const found = fitted(table, given, notices)
  const fresh = table.filter(({ hub }) => hub.some((part) => isOfHead(part.name) && !isFitting(part, found)))
  const kept = table.filter((weight) => !fresh.includes(weight))
  const parts = new Set(kept.flatMap(({ hub }) => hub.map((part) => part.name)))
  const copies = copiesIn(kept, model.aliases(config.model))
  const surplus = [...found.keys()].filter((name) => !parts.has(name) && !copies.has(name))
  const strangers = surplus.filter((name) => !isOfHead(name))
  checkAll(file, kept, found, [
    ...strangers.map((name) => `${showValue(name)} is no tensor of this model`),
    ...copyProblems(copies, found),
  ])
  if (fresh.length > 0) notices.push(freshNotice(fresh, found))
  const vain = surplus.filter((name) => isOfHead(name) && !fresh.some((weight) => isPart(name, weight)))
  if (vain.length > 0) notices.push(`Not used, since this task has no such head: ${list(vain)}.`)
  const tensors = fromHub(kept, new Map([...found].filter(([name]) => parts.has(name))))
  for (const [name, tensor] of logScales(file, model, notices)) tensors.set(name, tensor)
  return { tensors, notices }
}

/** Told by itself: what helps is another tokenizer. */
function checkVocabulary(file: GivenFile, rows: number | undefined, sizes: DataSizes): void {
  const wanted = (sizes.tokens ?? sizes.captionedImages?.text)?.vocabSize
  if (rows === undefined || wanted === undefined || rows === wanted) return
  const { kind } = file.config.data.tokenizer
  throw new DataError(
    `${file.name}: its vocabulary has ${rows} tokens, and the data’s with the tokenizer “${kind}” has ${wanted}`,
    {
      code: 'weights-mismatch',
      remedy:
        'Choose the data and the tokenizer that it was trained with: its tokens must mean the same. Nothing was changed.',
    },
  )
}

/** The file's tensors by their whole names, without buffers and what training keeps. */
function named(file: GivenFile, { importName }: ModelSpec): NamedTensors {
  const found: NamedTensors = new Map()
  for (const [given, tensor] of file.tensors) {
    const name = /^(optimizer|loss|ema)\./.test(given) ? null : importName(given)
    if (name === null) continue
    if (found.has(name)) throw mismatch(file, `must hold ${name} once, got it twice`)
    found.set(name, tensor)
  }
  return found
}

/** With places of patches brought from the file's grid, which must be square, to the run's. */
function fitted(table: readonly HubWeight[], tensors: NamedTensors, notices: string[]): NamedTensors {
  const found = new Map(tensors)
  for (const { grid, hub } of table) {
    const [part] = hub
    const given = part && found.get(part.name)
    if (grid === undefined || part === undefined || given === undefined || isFitting(part, found)) continue
    const width = part.shape.at(-1)!
    const first = part.shape.at(-2)! - grid.rows * grid.columns
    const side = Math.sqrt((given.shape.at(-2) ?? 0) - first)
    const fits = given.shape.at(-1) === width && given.shape.length === part.shape.length
    if (!fits || !Number.isInteger(side) || side === 0) continue
    const data = resizePositions(toFloat32(given), width, { rows: side, columns: side }, grid)
    found.set(part.name, float32Tensor(part.shape, data))
    notices.push(`${part.name}: fitted from ${side} x ${side} patches to ${grid.rows} x ${grid.columns}.`)
  }
  return found
}

function checkAll(
  file: GivenFile,
  table: readonly HubWeight[],
  found: NamedTensors,
  others: readonly string[],
): void {
  const parts = table.flatMap(({ name, hub }) => (name === null ? [] : hub))
  const problems = [
    ...parts.flatMap((part) => {
      const tensor = found.get(part.name)
      if (tensor === undefined) return [`${part.name} must be ${shown(part.shape)}, got none`]
      if (!isFitting(part, found))
        return [`${part.name} must be ${shown(part.shape)}, got ${shown(tensor.shape)}`]
      return /^b?float/.test(tensor.dtype)
        ? []
        : [`${part.name} must hold floating-point numbers, got ${tensor.dtype}`]
    }),
    ...others,
    ...absentProblems(table, found),
  ]
  if (problems.length > 0) {
    const rest = problems.length > 5 ? `; and ${problems.length - 5} more` : ''
    throw mismatch(
      file,
      `${problems.length} tensors do not fit the run's model: ${problems.slice(0, 5).join('; ')}${rest}`,
    )
  }
  for (const { name } of parts) checkFinite(file, name, toFloat32(found.get(name)!))
}

/** Names of theirs that repeat another one, by name: a tied head, or an offset that is there twice. */
function copiesIn(
  table: readonly HubWeight[],
  aliases: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    [...aliases].flatMap(([copy, ours]): [string, string][] => {
      const original = table.find(({ name }) => name === ours)
      return original ? [[copy, original.hub[0]!.name]] : []
    }),
  )
}

function copyProblems(copies: ReadonlyMap<string, string>, found: NamedTensors): string[] {
  return [...copies].flatMap(([name, target]) => {
    const [copy, original] = [found.get(name), found.get(target)]
    if (copy === undefined || original === undefined) return []
    const [a, b] = [toFloat32(copy), toFloat32(original)]
    const isSame = a.length === b.length && a.every((x, i) => Object.is(x, b[i]))
    return isSame ? [] : [`${name} must equal ${target}, which it repeats in this model, got other values`]
  })
}

/** What ours has not got must be nothing. */
function absentProblems(table: readonly HubWeight[], found: NamedTensors): string[] {
  return table.flatMap(({ name, hub }) => {
    const theirs = hub[0]!.name
    const tensor = name === null ? found.get(theirs) : undefined
    const isZero = tensor === undefined || toFloat32(tensor).every((x) => x === 0)
    return isZero ? [] : [`${theirs} ${shown(tensor.shape)} has no place in this model, and is not all zeros`]
  })
}

function checkFinite({ name: file }: GivenFile, name: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at === -1) return
  throw new DataError(`${file}: weights must be finite, got ${values[at]} at number ${at} of ${name}`, {
    code: 'weights-not-finite',
    remedy: 'The run that saved it had diverged, or the file is damaged: take another copy of it.',
  })
}

/** Each learned temperature of the run's losses begins with the file's. */
function logScales(
  { config, tensors }: GivenFile,
  { hub }: ModelSpec,
  notices: string[],
): (readonly [string, HostTensor])[] {
  const given = hub?.logScale === undefined ? undefined : tensors.get(hub.logScale)
  if (given === undefined || elementCount(given.shape) !== 1) return []
  const value = toFloat32(given)
  const learned = learnedLogScales(config)
  if (learned.length === 0) {
    const temperature = Math.exp(-value[0]!).toPrecision(3)
    notices.push(
      `The file’s temperature, ${temperature}, is not used: no loss learns one (isTemperatureLearned).`,
    )
  }
  return learned.map((name) => [name, float32Tensor([1], value)] as const)
}

function isFitting({ name, shape }: HubTensor, found: NamedTensors): boolean {
  return found.get(name)?.shape.join() === shape.join()
}

function isPart(name: string, { hub }: HubWeight): boolean {
  return hub.some((part) => part.name === name)
}

function freshNotice(fresh: readonly HubWeight[], found: NamedTensors): string {
  const parts = fresh.flatMap(({ hub }) =>
    hub.map(({ name, shape }) => {
      const given = found.get(name)
      return `${name} ${shown(shape)}, ${given ? `where the file has ${shown(given.shape)}` : 'which the file has not'}`
    }),
  )
  return `A head of this task begins anew: ${parts.join('; ')}.`
}

function list(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
}

function shown(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(', ')}]`
}

function mismatch({ name }: GivenFile, what: string): DataError {
  return new DataError(`${name}: ${what}`, {
    code: 'weights-mismatch',
    remedy:
      'Choose the settings of the model that the file is of, and data and tokenizer to match. Nothing was changed.',
  })
}
