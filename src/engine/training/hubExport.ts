import type { DataFacts } from '../../core/dataFacts.ts'
import { DataError } from '../../core/errors.ts'
import { float32Tensor, type HostTensor, type NamedTensors } from '../../core/hostTensor.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { formatIssue, type Issue } from '../../core/schema.ts'
import { toFloat32 } from '../../core/toFloat32.ts'
import { classNames, type HubConfig } from '../models/hub/hubArchitecture.ts'
import { toHub, type HubWeight } from '../models/hubWeights.ts'
import { models } from '../models/registry.ts'
import { tasks } from '../tasks/registry.ts'
import { logScaleOf } from './logScale.ts'
import { statePrefix } from './stateShapes.ts'

/** A model's weights for others to read. */
export interface ExportedModel {
  readonly tensors: NamedTensors
  /** What a `config.json` beside them must say; null where they have the model's own names and layouts. */
  readonly configFile: HubConfig | null
  /** What people should know of it. */
  readonly notices: readonly string[]
}

interface Trained {
  readonly config: RunConfig
  readonly facts: DataFacts
  /** All tensors of a checkpoint. */
  readonly tensors: NamedTensors
  /** Of the checkpoint, whose losses have the temperature. */
  readonly stageIndex: number
}

/**
 * The weights of a checkpoint, without what training needs beside them: under the names and in the layouts of Hugging Face's
 * architecture where the model is one, else under its own, which a notice says. Averaged weights stand for those that were
 * averaged, as in evaluation.
 *
 * @param names which are wanted
 * @throws DataError `missing-tensors`
 */
export function hubExport(trained: Trained, names: 'huggingface' | 'own'): ExportedModel {
  const { config, facts } = trained
  const model = models.get(config.model.kind)
  const sizes = tasks.get(config.task).sizes(facts, config)
  const { weights, isAveraged } = evaluated(trained, model.parameters(config.model, sizes))
  const notices = isAveraged ? ['These are the averaged weights, as validation measures them.'] : []
  const { hub } = model
  if (names === 'own') return { tensors: weights, configFile: null, notices }
  const misfits = hub?.misfits(config.model, sizes) ?? []
  if (hub === null || misfits.length > 0) {
    const why = hub === null ? noArchitecture(model.title) : cannotHold(hub.title, misfits)
    return { tensors: weights, configFile: null, notices: [...notices, why] }
  }
  const table = hub.table(config.model, sizes)
  const tensors = toHub(table, weights)
  addCopies(tensors, table, model.aliases(config.model))
  if (hub.logScale !== undefined) tensors.set(hub.logScale, logScaleTensor(trained))
  const left = leftOut(weights, table)
  return {
    tensors,
    configFile: withClassNames(hub.configFile(config.model, sizes), facts),
    notices: [
      ...notices,
      ...(hub.caveat === undefined ? [] : [hub.caveat]),
      ...(left.length > 0 ? [`Left out, since ${hub.title} has no such weights: ${left.join(', ')}.`] : []),
    ],
  }
}

function evaluated(
  { tensors }: Trained,
  specs: readonly { readonly name: string }[],
): { weights: NamedTensors; isAveraged: boolean } {
  const found = specs.map(({ name }): [string, HostTensor | undefined, boolean] => {
    const average = tensors.get(`${statePrefix.average}${name}`)
    return [name, average ?? tensors.get(name), average !== undefined]
  })
  const missing = found.flatMap(([name, tensor]) => (tensor === undefined ? [name] : []))
  if (missing.length > 0)
    throw new DataError(`Checkpoint: must hold ${missing.slice(0, 4).join(', ')}, got none`, {
      code: 'missing-tensors',
      remedy: 'The file is damaged or was edited: take another copy of it.',
    })
  return {
    weights: new Map(found.map(([name, tensor]) => [name, tensor!])),
    isAveraged: found.some(([, , isAverage]) => isAverage),
  }
}

function noArchitecture(title: string): string {
  return `The weights have their own names: ${title} is no architecture of Hugging Face’s that is known here.`
}

function cannotHold(title: string, misfits: readonly Issue[]): string {
  const settings = misfits.map((issue) => formatIssue({ ...issue, path: ['model', ...issue.path] }))
  return `The weights have their own names, since Hugging Face’s ${title} cannot hold these settings: ${settings.join('; ')}.`
}

/**
 * Files of untied heads hold their offset twice. Matrices are not written again: `transformers` ties them by itself.
 */
function addCopies(
  tensors: NamedTensors,
  table: readonly HubWeight[],
  aliases: ReadonlyMap<string, string>,
): void {
  for (const [copy, ours] of aliases) {
    const there = table.find(({ name }) => name === ours)?.hub[0]
    if (there?.shape.length === 1) tensors.set(copy, tensors.get(there.name)!)
  }
}

/** What CLIP begins with, where no loss has a temperature. */
const clipLogScale = Math.log(1 / 0.07)

function logScaleTensor({ config, tensors, stageIndex }: Trained): HostTensor {
  const valueOf = (name: string) => {
    const tensor = tensors.get(`${statePrefix.average}${name}`) ?? tensors.get(name)
    return tensor && toFloat32(tensor)[0]
  }
  const value = logScaleOf(config.stages[stageIndex]!, valueOf) ?? clipLogScale
  return float32Tensor([], Float32Array.of(value))
}

function leftOut(weights: NamedTensors, table: readonly HubWeight[]): string[] {
  const written = new Set(table.map(({ name }) => name))
  return [...weights.keys()].filter((name) => !written.has(name))
}

function withClassNames(file: HubConfig, { classes = [] }: DataFacts): HubConfig {
  const count = Object.keys(file['id2label'] ?? {}).length
  const isNamed = count > 0 && new Set(classes).size === count && classes.length === count
  return isNamed ? { ...file, ...classNames(classes) } : file
}
