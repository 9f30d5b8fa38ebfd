import { ConfigError } from './errors.ts'

/** JSON with sorted keys, no white space and JavaScript's shortest numbers: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new ConfigError(`canonicalJson: numbers must be finite, got ${value}`, { code: 'not-finite' })
    }
    return JSON.stringify(value === 0 ? 0 : value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const record = value as Record<string, unknown>
    const body = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key])}`)
    return `{${body.join(',')}}`
  }
  return JSON.stringify(value)
}
