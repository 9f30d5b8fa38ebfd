import type { ParseResult } from './schema.ts'
import { showValue } from './showValue.ts'

/** The version that {@link migrateConfig} ends at; `runConfig.ts` asserts that it is its own. */
const currentVersion = 1

/** From version n to n + 1, by n. A step may assume that its input was valid at version n. */
const steps: Record<number, (config: Record<string, unknown>) => Record<string, unknown>> = {}

/**
 * Brings a stored or shared config to the current version. A config without a version is a current one: links and
 * presets leave out what equals the default.
 */
export function migrateConfig(value: unknown): ParseResult<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      isValid: false,
      issues: [
        {
          path: [],
          message: `A configuration must be a JSON object, got ${value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value}`,
        },
      ],
    }
  }
  let config = value as Record<string, unknown>
  const version = Object.hasOwn(config, 'version') ? config['version'] : currentVersion
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    return {
      isValid: false,
      issues: [{ path: ['version'], message: `must be a whole number from 1, got ${showValue(version)}` }],
    }
  }
  if (version > currentVersion) {
    return {
      isValid: false,
      issues: [
        {
          path: ['version'],
          message: `comes from a newer Bunsen (version ${version}); this one reads up to ${currentVersion}. Reload the page to update`,
        },
      ],
    }
  }
  for (let at = version; at < currentVersion; at++) config = { ...steps[at]!(config), version: at + 1 }
  return { isValid: true, value: config }
}
