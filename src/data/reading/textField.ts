/** Picks the text out of parsed JSON records; the field is settled by the first record that has one. */
export class TextField {
  /** Null until settled. */
  name: string | null
  constructor(wanted: string) {
    this.name = wanted === '' ? null : wanted
  }

  /** The text, or why there is none. */
  read(record: unknown): { text: string } | { why: string } {
    if (typeof record === 'string') return { text: record }
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      return { why: 'is neither text nor an object' }
    const fields = record as Record<string, unknown>
    this.name ??= firstTextField(fields)
    if (this.name === null) return { why: 'has no field that holds text' }
    const text = Object.hasOwn(fields, this.name) ? fields[this.name] : undefined
    return typeof text === 'string'
      ? { text }
      : { why: `has no text in the field "${this.name.slice(0, 40)}"` }
  }
}

function firstTextField(fields: Record<string, unknown>): string | null {
  if (Object.hasOwn(fields, 'text') && typeof fields['text'] === 'string') return 'text'
  return Object.keys(fields).find((name) => typeof fields[name] === 'string') ?? null
}

export const textFieldSetting = {
  type: 'text',
  label: 'Text field',
  help: 'Which field of each object is the text; empty takes "text", or else the first that holds text.',
  default: '',
  maxLength: 200,
} as const

export function parseJson(text: string): { value: unknown } | { why: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { why: `is not JSON (${(error as Error).message.slice(0, 80)})` }
  }
}
