import { ConfigError } from '../core/errors.ts'
import { parseRunConfig, type RunConfig, type RunSchema } from '../core/runConfig.ts'
import { fieldAt, valueAt, withValueAt, type ConfigValue, type Path } from '../core/schema.ts'

/**
 * Lays `--set path=value` over a configuration: `seed=7`, `stages[0].optimizer.learningRate=1e-4`. A value is JSON, else
 * a text. Another kind of a variant comes with that kind's defaults.
 *
 * @throws ConfigError `bad-arguments`, `invalid-config` with the path and the nearest name
 */
export function applySettings(schema: RunSchema, config: RunConfig, settings: readonly string[]): RunConfig {
  const laid = settings.reduce<ConfigValue>(
    (value, setting) => {
      const at = setting.indexOf('=')
      const path = at > 0 ? pathOf(setting.slice(0, at)) : null
      if (path === null) throw notASetting(setting)
      const next = valueOf(setting.slice(at + 1))
      const around = path.slice(0, -1)
      const variant = fieldAt(schema, value, around)
      const isOtherKind =
        variant?.type === 'variant' && variant.tag === path.at(-1) && valueAt(value, path) !== next
      if (isOtherKind) return withValueAt(value, around, { [variant.tag]: next })
      if (around.length > 0 && valueAt(value, around) === undefined) throw notASetting(setting)
      return withValueAt(value, path, next)
    },
    config as unknown as ConfigValue,
  )
  return parseRunConfig(schema, laid)
}

/** "a.b[0].c" or "a.b.0.c"; null where it is neither. */
function pathOf(text: string): Path | null {
  const parts = text
    .trim()
    .replace(/\[(\d{1,4})\]/g, '.$1')
    .split('.')
  if (parts.some((part) => !/^[\w-]{1,64}$/.test(part))) return null
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

function valueOf(text: string): ConfigValue {
  try {
    return JSON.parse(text) as ConfigValue
  } catch {
    return text
  }
}

function notASetting(setting: string): ConfigError {
  return new ConfigError(
    `--set: must be PATH=VALUE with a path of the configuration, got "${setting.slice(0, 120)}"`,
    {
      code: 'bad-arguments',
      remedy:
        'For instance --set stages[0].optimizer.learningRate=1e-4. docs/configuration.md lists all settings.',
    },
  )
}
