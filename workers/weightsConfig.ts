import { anyFacts } from '../src/core/dataFacts.ts'
import { DataError } from '../src/core/errors.ts'
import {
  createRunSchema,
  invalidConfig,
  parseRunConfig,
  type DataConfig,
  type RunConfig,
} from '../src/core/runConfig.ts'
import type { ConfigValue } from '../src/core/schema.ts'
import { showValue } from '../src/core/showValue.ts'
import { shownName } from '../src/core/shownName.ts'
import type { HubConfig } from '../src/engine/models/hub/hubArchitecture.ts'
import type { ConfigRecord } from '../src/engine/ops/typedConfig.ts'
import { checkConfig } from '../src/engine/tasks/checkConfig.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import { hubSettings, type HubSettings } from '../src/engine/training/hubSettings.ts'
import { createCatalog } from './catalog.ts'
import type { ReadWeights } from './heldWeights.ts'
import type { WeightsPlan, WeightsRequest } from './protocol.ts'
import { readFileBytes } from './readFileBytes.ts'

/**
 * Lays out a run for somebody's weights: the model and its sizes are the file's, all else is what the page has laid out, where
 * its task trains such a model, or else a preset's, and the data are brought to what the model reads. null where no table of
 * names knows the file.
 *
 * @throws DataError `unreadable-file`, `weights-mismatch`, `config-file`; ConfigError `invalid-config`
 */
export async function weightsConfig(
  { name, tensors }: Pick<ReadWeights, 'name' | 'tensors'>,
  { configFile, hasTokenizer, draft, presets }: Omit<WeightsRequest, 'file'>,
): Promise<WeightsPlan | null> {
  const says = configFile === null ? null : await readConfigFile(configFile)
  const found = hubSettings(name, tensors, says)
  if (found === null) return null
  const schema = createRunSchema(createCatalog())
  const title = `${found.model.hub!.title} of ${name}`.slice(0, 120)
  const on = (raw: ConfigValue): Layout | null => {
    const base = parseRunConfig(schema, raw)
    if (!tasks.get(base.task).models.includes(found.model.id)) return null
    const changes = {
      name: title,
      model: { kind: found.model.id, ...found.settings },
      data: dataFor(found, base),
    }
    return { base, config: parseRunConfig(schema, { ...base, ...changes }) }
  }
  const own = on(draft)
  const others = own ? [] : presets.flatMap((preset) => on(preset) ?? [])
  // One whose heads the file has, where there is one.
  const layout = own ?? others.find(({ config }) => hasHeads(found, config)) ?? others[0]
  if (layout === undefined)
    throw new DataError(`${name}: holds a ${found.model.hub!.title}, and no preset has a task for one`, {
      code: 'weights-mismatch',
      remedy: 'Lay out the settings of a task that trains it, then drop the file again. Nothing was stored.',
    })
  const { base, config } = layout
  const issues = checkConfig(config)
  if (issues.length > 0) throw invalidConfig(issues)
  const what = own ? 'what was laid out on the page' : `those of “${base.name}”`
  return {
    config,
    readsTexts: found.vocabSize !== null,
    notices: [`Task, data and training are ${what}.`, ...assumptions(found, layout, hasTokenizer)],
  }
}

/** Settings to begin with, and those with the file's model in them. */
interface Layout {
  readonly base: RunConfig
  readonly config: RunConfig
}

async function readConfigFile(file: File): Promise<HubConfig> {
  const text = new TextDecoder().decode(await readFileBytes(file))
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as HubConfig
  } catch {
    // Told below.
  }
  throw new DataError(`${shownName(file.name)}: must be a JSON object, got ${showValue(text)}`, {
    code: 'config-file',
    remedy: 'Take another copy of it, or drop the weights alone. Nothing was stored.',
  })
}

/** Whether all weights of the model, with the head that its task wants, are in the file by name. */
function hasHeads({ model, names }: HubSettings, config: RunConfig): boolean {
  const facts = anyFacts(32 * model.imageUnit(config.model))
  const table = model.hubTable(config.model, tasks.get(config.task).sizes(facts, config)) ?? []
  return table.every(({ name, hub }) => name === null || hub.every((part) => names.has(part.name)))
}

/** Tokens that the data's tokenizer must know: those of the file but for what the task has beside, a mask say. */
function tokensFor({ vocabSize }: HubSettings, { task, ...rest }: RunConfig): number | null {
  const { tokens } = tasks.get(task).sizes({ ...anyFacts(1), vocabSize: 0 }, { task, ...rest })
  return vocabSize === null ? null : vocabSize - (tokens?.vocabSize ?? 0)
}

/** A data set's own settings, with pictures and tokens of which the model reads as many. */
function dataFor(found: HubSettings, base: RunConfig): DataConfig {
  const { data } = base
  const { images } = found
  const patch = Number(
    found.settings['patchSize'] ?? (found.settings['image'] as ConfigRecord)?.['patchSize'],
  )
  const isFitting = images === null || (data.images.size > 0 && data.images.size % patch === 0)
  const tokens = tokensFor(found, base)
  const { tokenizer } = data
  return {
    ...data,
    images: isFitting ? data.images : { ...data.images, size: images.side },
    tokenizer:
      tokens === 256 && tokenizer.kind !== 'bytes'
        ? { kind: 'bytes' }
        : tokens !== null && 'vocabSize' in tokenizer
          ? { ...tokenizer, vocabSize: tokens }
          : tokenizer,
  }
}

/** What the file did not tell, in words. */
function assumptions(found: HubSettings, { base, config }: Layout, hasTokenizer: boolean): string[] {
  const { assumed, images, vocabSize } = found
  const { data } = config
  return [
    ...(assumed.length > 0
      ? [`No config.json told ${assumed.join(', ')}: that is what such models usually have.`]
      : []),
    ...(vocabSize === null
      ? []
      : hasTokenizer
        ? ['Texts are cut up by the tokenizer.json beside it.']
        : [
            `Texts are cut by the tokenizer “${data.tokenizer.kind}” into the model’s ${vocabSize} tokens: they must mean what they meant when it was trained.`,
          ]),
    ...(images !== null && data.images.size !== base.data.images.size
      ? [`Pictures are brought to ${images.side} x ${images.side} pixels, for which the model was made.`]
      : []),
  ]
}
