import { DataError } from '../src/core/errors.ts'
import type { DataFacts } from '../src/core/dataFacts.ts'
import type { Coding, ColumnCoding } from '../src/core/prepared.ts'
import type { Checkpoint, JsonValue } from '../src/storage/checkpoint.ts'
import { vocabSizeOf } from './runData.ts'

type JsonObject = { readonly [key: string]: JsonValue }

/** What a checkpoint keeps of how its content became numbers; the tokenizer stands apart. */
export function codingToJson({ facts, pixels, table }: Coding): JsonValue {
  return JSON.parse(JSON.stringify({ facts, pixels, table })) as JsonValue
}

/**
 * The same, read back and checked: nothing that a file says is taken for true. Checkpoints of texts that older versions saved
 * have only a tokenizer.
 *
 * @throws DataError `checkpoint-invalid` with the field
 */
export function codingOf({ coding, tokenizer }: Pick<Checkpoint, 'coding' | 'tokenizer'>): Coding {
  const ofText: DataFacts = tokenizer === null ? {} : { vocabSize: vocabSizeOf(tokenizer) }
  if (coding === null) return { facts: ofText, tokenizer }
  const { facts, pixels, table } = objectAt(coding, 'coding')
  return {
    facts: { ...readFacts(facts), ...ofText },
    tokenizer,
    ...(pixels === undefined ? {} : { pixels: readPixels(pixels) }),
    ...(table === undefined ? {} : { table: readTable(table) }),
  }
}

function readFacts(value: JsonValue | undefined): DataFacts {
  const facts = objectAt(value, 'facts')
  const { image, classes, classCounts, labels, labelShares } = facts
  const { numFeatures, target, textTokens, targetTokens } = facts
  return {
    ...(image === undefined ? {} : { image: readImage(image) }),
    ...(textTokens === undefined ? {} : { textTokens: count(textTokens, 'facts.textTokens') }),
    ...(targetTokens === undefined ? {} : { targetTokens: count(targetTokens, 'facts.targetTokens') }),
    ...(classes === undefined ? {} : { classes: strings(classes, 'facts.classes') }),
    ...(classCounts === undefined ? {} : { classCounts: counts(classCounts, 'facts.classCounts') }),
    ...(labels === undefined ? {} : { labels: strings(labels, 'facts.labels') }),
    ...(labelShares === undefined ? {} : { labelShares: numbers(labelShares, 'facts.labelShares') }),
    ...(numFeatures === undefined
      ? {}
      : { numFeatures: numFeatures === 0 ? 0 : count(numFeatures, 'facts.numFeatures') }),
    ...(target === undefined ? {} : { target: readScale(objectAt(target, 'facts.target'), 'facts.target') }),
  }
}

function readImage(value: JsonValue): NonNullable<DataFacts['image']> {
  const { height, width, channels } = objectAt(value, 'facts.image')
  return {
    height: count(height, 'facts.image.height'),
    width: count(width, 'facts.image.width'),
    channels: count(channels, 'facts.image.channels'),
  }
}

function readPixels(value: JsonValue): NonNullable<Coding['pixels']> {
  const { means, deviations } = objectAt(value, 'pixels')
  return { means: numbers(means, 'pixels.means'), deviations: numbers(deviations, 'pixels.deviations') }
}

function readTable(value: JsonValue): NonNullable<Coding['table']> {
  const { inputs, target } = objectAt(value, 'table')
  if (!Array.isArray(inputs)) return damaged('table.inputs')
  return { inputs: inputs.map((input: JsonValue) => readColumn(input)), target: readColumn(target) }
}

function readColumn(value: JsonValue | undefined): ColumnCoding {
  const column = objectAt(value, 'table column')
  const { name, kind } = column
  if (typeof name !== 'string') return damaged('table column')
  if (kind === 'number') return { name, kind, ...readScale(column, `table column ${name.slice(0, 40)}`) }
  if (kind === 'category' || kind === 'labels')
    return { name, kind, values: strings(column['values'], 'table column') }
  if (kind === 'text') return { name, kind }
  return damaged('table column')
}

function readScale({ mean, deviation }: JsonObject, field: string): { mean: number; deviation: number } {
  const [first, second] = numbers([mean ?? null, deviation ?? null], field)
  return { mean: first!, deviation: second! }
}

function objectAt(value: JsonValue | undefined, field: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return damaged(field)
  return value as JsonObject
}

function count(value: JsonValue | undefined, field: string): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : damaged(field)
}

function counts(value: JsonValue, field: string): number[] {
  const found = numbers(value, field)
  return found.every((each) => Number.isSafeInteger(each) && each >= 0) ? found : damaged(field)
}

function strings(value: JsonValue | undefined, field: string): string[] {
  if (!Array.isArray(value)) return damaged(field)
  return value.map((entry: JsonValue) => (typeof entry === 'string' ? entry : damaged(field)))
}

function numbers(value: JsonValue | undefined, field: string): number[] {
  if (!Array.isArray(value)) return damaged(field)
  return value.map((entry: JsonValue) => (typeof entry === 'number' ? entry : damaged(field)))
}

function damaged(field: string): never {
  throw new DataError(`The checkpoint says nothing sound of its data: ${field}`, {
    code: 'checkpoint-invalid',
    remedy: 'The file is damaged: take another copy of it.',
    details: { field },
  })
}
