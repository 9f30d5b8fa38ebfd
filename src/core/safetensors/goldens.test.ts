import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeGoldens, goldenFolder } from '../../../tests/helpers/goldens.ts'
import { DataError } from '../errors.ts'
import type { HostTensor } from '../hostTensor.ts'
import { hostFormat } from './dtypes.ts'
import { readSafetensors, type SafetensorsFile } from './read.ts'
import { writeSafetensors } from './write.ts'

interface ManifestFile {
  file: string
  why: string
  must: 'accept' | 'reject' | 'either'
  metadata?: Record<string, string>
  official_tensors?: [name: string, dtype: string, shape: number[]][]
  expected_tensors?: Record<string, { dtype: string; shape: number[]; values: (number | string | boolean)[] }>
}

function valuesOf({ dtype, data }: HostTensor): (number | string | boolean)[] {
  if (data instanceof BigInt64Array) return Array.from(data, String)
  return dtype === 'bool' ? Array.from(data, (value) => value !== 0) : [...data]
}

function checkFile(
  bytes: Uint8Array,
  { must, metadata, official_tensors, expected_tensors }: ManifestFile,
): void {
  if (must === 'reject') return expect(() => readSafetensors(bytes)).toThrow(DataError)
  let result: SafetensorsFile
  try {
    result = readSafetensors(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(DataError)
    return expect(must, String(error)).toBe('either')
  }
  const shapes = [...result.tensors].map(([name, tensor]) => [name, tensor.dtype, tensor.shape])
  const official = official_tensors!.map(([name, dtype, shape]) => [name, hostFormat(dtype)!.dtype, shape])
  expect(shapes.sort()).toEqual(official.sort())
  for (const [name, { values }] of Object.entries(expected_tensors!)) {
    expect(valuesOf(result.tensors.get(name)!)).toEqual(values)
  }
  if (metadata) expect(result.metadata).toEqual(metadata)
}

/** Verdicts and values of the official reader. */
describeGoldens<{ files: ManifestFile[] }>('safetensors/manifest.json', ({ files }) => {
  test.each(files)('$must $file: $why', (entry) => {
    checkFile(new Uint8Array(readFileSync(new URL(`safetensors/${entry.file}`, goldenFolder!))), entry)
  })

  test('weights that PyTorch saved are written and read again without a change', () => {
    const file = new Uint8Array(readFileSync(new URL('gpt/gpt2_tiny.safetensors', goldenFolder!)))
    const { tensors, metadata } = readSafetensors(file)
    expect(tensors.get('transformer.wte.weight') ?? tensors.get('wte.weight')).toMatchObject({
      dtype: 'float32',
    })
    const again = readSafetensors(writeSafetensors(tensors, metadata))
    expect(again.metadata).toEqual(metadata)
    expect(new Map([...again.tensors].sort())).toEqual(new Map([...tensors].sort()))
  })
})
