/**
 * What a person typed into a number field: `1e-3`, `0,001`, `1 000`, `12k`. Text that is no number comes back as it
 * is, for the schema to refuse in words.
 */
export function parseNumber(text: string): number | string {
  const compact = text
    .trim()
    .replaceAll(/[\s\u202f_]/g, '')
    .replace('−', '-')
  const pointed = /^-?\d+,\d+(e-?\d+)?$/i.test(compact) ? compact.replace(',', '.') : compact
  const match = /^(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([kM]?)$/i.exec(pointed)
  if (!match) return text.trim()
  const factor = { '': 1, k: 1e3, m: 1e6 }[match[2]!.toLowerCase()]!
  return Number((Number(match[1]) * factor).toPrecision(15))
}
