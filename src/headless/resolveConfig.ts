import { existsSync, statSync } from 'node:fs'
import { createCatalog } from '../../workers/catalog.ts'
import { ConfigError } from '../core/errors.ts'
import { createRunSchema, parseRunConfig, type RunConfig, type RunSchema } from '../core/runConfig.ts'
import { nearestName } from '../core/schema.ts'
import { codeFromLink, decodeConfig } from '../core/urlCodec.ts'
import { presets } from '../runs/presets/registry.ts'
import { readWholeFile } from './readWholeFile.ts'

const maxConfigBytes = 1_000_000

export function runSchema(): RunSchema {
  return createRunSchema(createCatalog())
}

/** A config from a preset's name, a share link, or a JSON file (a config, or a run.json that holds one). */
export function resolveConfig(schema: RunSchema, word: string): RunConfig {
  const preset = presets.find((candidate) => candidate.id === word)
  if (preset) return parseRunConfig(schema, preset.config)
  const code = codeFromLink(word)
  if (code !== null) return decodeConfig(schema, code)
  if (existsSync(word)) return parseRunConfig(schema, readConfigFile(word))
  const near = nearestName(
    word,
    presets.map((candidate) => candidate.id),
  )
  throw new ConfigError(`Config: must be a JSON file, a share link or a preset, got "${word.slice(0, 80)}"`, {
    code: 'config-not-found',
    remedy: near
      ? `Did you mean the preset ${near}?`
      : 'See `npm run bunsen -- presets`, or check the file name.',
  })
}

function readConfigFile(path: string): unknown {
  const stats = statSync(path)
  if (!stats.isFile() || stats.size > maxConfigBytes) {
    const got = stats.isFile()
      ? `${stats.size} bytes in ${path}`
      : `${path}, ${stats.isDirectory() ? 'a folder' : 'which is not a regular file'}`
    throw new ConfigError(`Config: must be a JSON file of at most ${maxConfigBytes} bytes, got ${got}`, {
      code: 'config-not-json',
      remedy: 'A folder that --out wrote is continued with --resume.',
    })
  }
  try {
    // Leaves out the byte order mark that some editors begin a file with, and refuses other encodings.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readWholeFile(path))
    const value = JSON.parse(text) as unknown
    const isRecord = typeof value === 'object' && value !== null && 'bunsenRun' in value && 'config' in value
    return isRecord ? value.config : value
  } catch (cause) {
    throw new ConfigError(`Config: ${path} could not be read as JSON in UTF-8 (${String(cause)})`, {
      code: 'config-not-json',
      remedy: 'Check the file with a JSON editor, and that it is saved as UTF-8.',
      cause,
    })
  }
}
