import { ConfigError } from './errors.ts'
import { maxEncodedLength, packJson, unpackJson } from './packedJson.ts'
import { parseRunConfig, type RunConfig, type RunSchema } from './runConfig.ts'
import { diffFromDefaults } from './schema.ts'

/** The value of `c` in a link's fragment: what differs from the defaults, packed. Throws `link-too-long` past 8 kB. */
export function encodeConfig(schema: RunSchema, config: RunConfig): string {
  const text = packJson(diffFromDefaults(schema, config) ?? {})
  if (text.length > maxEncodedLength) {
    throw new ConfigError(`Share link: must be at most ${maxEncodedLength} characters, got ${text.length}`, {
      code: 'link-too-long',
      remedy: 'Shorten the prompt or the list of components, or share the configuration as a file.',
    })
  }
  return text
}

/** The config in a link. Throws a `ConfigError` whose code says what is wrong with the link. */
export function decodeConfig(schema: RunSchema, text: string): RunConfig {
  return parseRunConfig(schema, unpackJson(text))
}

/** Reads a fragment (`#c=…&r=…`) or a whole URL, blanks around it left out. `null` when it holds no config. */
export function codeFromLink(text: string): string | null {
  return parameterOf(text, 'c')
}

/** The certificate beside the config; null where there is none. */
export function certificateFromLink(text: string): string | null {
  return parameterOf(text, 'r')
}

function parameterOf(text: string, name: string): string | null {
  const hash = text.includes('#') ? text.slice(text.indexOf('#') + 1) : text
  return new URLSearchParams(hash).get(name)?.trim() ?? null
}
