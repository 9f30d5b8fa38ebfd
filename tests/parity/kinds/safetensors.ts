import { DataError } from '../../../src/core/errors.ts'
import type { HostTensor } from '../../../src/core/hostTensor.ts'
import { sha256Hex } from '../../../src/core/sha256.ts'
import { fileFormat } from '../../../src/core/safetensors/dtypes.ts'
import { readSafetensors, type SafetensorsFile } from '../../../src/core/safetensors/read.ts'
import { toFloat32 } from '../../../src/core/toFloat32.ts'
import { defineKind } from '../defineKind.ts'
import type { GoldenCase } from '../goldenCase.ts'
import {
  asList,
  asNumber,
  asRecord,
  asText,
  isRecord,
  malformed,
  type Json,
  type JsonRecord,
} from '../json.ts'

const opinions = ['spec_text', 'official_deserialize', 'official_safe_open', 'official_error']

function isManifest({ files }: JsonRecord): boolean {
  return (
    Array.isArray(files) &&
    files.length > 0 &&
    files.every((file: Json) => isRecord(file) && 'must' in file && 'file' in file)
  )
}

/** A manifest of files that a reader must accept, with these tensors, or refuse. */
export default defineKind({
  id: 'safetensors',
  isFor: isManifest,
  casesIn: 'files',
  async check({ fields, comparison }, { readBeside }) {
    const must = asText(fields.take('must'), 'must')
    if (must !== 'accept' && must !== 'reject' && must !== 'either')
      throw malformed('must', 'accept, reject or either', must)
    const bytes = await readBeside(asText(fields.take('file'), 'file'))
    // What the text of the format and the official reader say; `must` is the verdict of both.
    for (const name of opinions) fields.takeIfThere(name)
    if (fields.has('bytes'))
      comparison.same('bytes', [bytes.length], [asNumber(fields.take('bytes'), 'bytes')])
    if (fields.has('sha256'))
      comparison.same('SHA-256', [sha256Hex(bytes)], [asText(fields.take('sha256'), 'sha256')])
    const stated = statedOf(fields)
    const read = tryRead(bytes)
    const verdict = read === null ? 'reject' : 'accept'
    comparison.same('verdict', [verdict], [must === 'either' ? verdict : must])
    if (read !== null && must !== 'reject') compareFile(comparison, stated, read)
  },
})

/** Null for a refusal; only a DataError is a clean one. */
function tryRead(bytes: Uint8Array): SafetensorsFile | null {
  try {
    return readSafetensors(bytes)
  } catch (error) {
    if (error instanceof DataError) return null
    throw error
  }
}

/** What a file that is accepted holds. */
function statedOf(fields: GoldenCase['fields']) {
  return {
    official: fields.takeIfThere('official_tensors'),
    expected: fields.takeIfThere('expected_tensors'),
    metadata: fields.takeIfThere('metadata'),
  }
}

function compareFile(
  comparison: GoldenCase['comparison'],
  { official, expected, metadata }: Readonly<Record<'official' | 'expected' | 'metadata', Json | undefined>>,
  file: SafetensorsFile,
): void {
  if (official !== undefined) {
    const wanted = asList(official, 'official_tensors').map((entry) => JSON.stringify(entry))
    comparison.same('tensor', describe(file).sort(), wanted.sort())
  }
  if (expected !== undefined) {
    const wanted = asRecord(expected, 'expected_tensors')
    comparison.same('tensor name', [...file.tensors.keys()].sort(), Object.keys(wanted).sort())
    for (const [name, tensor] of file.tensors) {
      const stated = wanted[name]
      if (stated !== undefined) compareTensor(comparison, { name, tensor, stated: asRecord(stated, name) })
    }
  }
  if (metadata !== undefined) {
    const wanted = Object.entries(asRecord(metadata, 'metadata')).map((entry) => JSON.stringify(entry))
    const found = Object.entries(file.metadata).map((entry) => JSON.stringify(entry))
    comparison.same('metadata', found.sort(), wanted.sort())
  }
}

/** As `official_tensors` spells it: name, dtype of the format, shape. */
function describe({ tensors }: SafetensorsFile): string[] {
  return [...tensors].map(([name, { dtype, shape }]) => JSON.stringify([name, fileFormat(dtype).name, shape]))
}

function compareTensor(
  comparison: GoldenCase['comparison'],
  { name, tensor, stated }: { name: string; tensor: HostTensor; stated: JsonRecord },
): void {
  comparison.same(`dtype of ${name}`, [fileFormat(tensor.dtype).name], [asText(stated['dtype'], 'dtype')])
  comparison.same(`shape of ${name}`, [tensor.shape.join()], [asList(stated['shape'], 'shape').join()])
  const values = asList(stated['values'], 'values')
  if (tensor.data instanceof BigInt64Array)
    comparison.same(name, Array.from(tensor.data, String), values.map(String))
  else if (tensor.dtype === 'bool') comparison.same(name, Array.from(toFloat32(tensor)), values.map(Number))
  else
    comparison.same(
      name,
      numbersOf(tensor),
      values.map((value, i) => statedNumber(tensor, value, `${name}[${i}]`)),
    )
}

function numbersOf(tensor: HostTensor): number[] {
  const isHalf = tensor.dtype === 'float16' || tensor.dtype === 'bfloat16'
  return Array.from(isHalf ? toFloat32(tensor) : (tensor.data as Float64Array), Number)
}

/** The shortest decimals of a float32 are not the float32 itself. */
function statedNumber({ dtype }: HostTensor, value: Json, where: string): number {
  const number = asNumber(value, where)
  return dtype === 'float32' ? Math.fround(number) : number
}
