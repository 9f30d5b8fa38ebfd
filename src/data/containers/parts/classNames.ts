import { parseJson } from '../../reading/textField.ts'

/**
 * The names of the classes of a column, from what Hugging Face's `datasets` writes beside the schema
 * (`{"info": {"features": {"label": {"names": [...], "_type": "ClassLabel"}}}}`); null where it says nothing.
 */
export function classNames(notes: ReadonlyMap<string, string>, column: string): readonly string[] | null {
  const parsed = parseJson(notes.get('huggingface') ?? '')
  let value = 'value' in parsed ? parsed.value : null
  for (const key of ['info', 'features', column, 'names']) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
    value = (value as Record<string, unknown>)[key]
  }
  return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : null
}
