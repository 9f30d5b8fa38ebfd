import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { float32Tensor } from '../core/hostTensor.ts'
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.ts'
import { readSafetensors } from '../core/safetensors/read.ts'
import { writeSafetensors } from '../core/safetensors/write.ts'

const example: Checkpoint = {
  config: { version: 1, name: 'é "quoted"', seed: 42, stages: [{ batchSize: 8 }] },
  step: 120,
  stage: 0,
  cursor: { epoch: 1, batch: 20 },
  generator: { kind: 'philox4x32-10', seed: 42 },
  trainer: { best: 1.5, patienceUsed: 2 },
  metrics: { 'train/loss': 2.25, 'validation/loss': NaN, gradNorm: -Infinity },
  parent: 'ab'.repeat(32),
  tokenizer: { kind: 'characters', state: ['\n', 'a', '😀'] },
  coding: null,
  branch: null,
  edits: [{ step: 40, setting: 'learningRate', value: 1e-4 }],
  tensors: new Map([
    ['transformer.wte.weight', float32Tensor([2, 2], Float32Array.of(1, 2, 3, 4))],
    ['optimizer.m.transformer.wte.weight', float32Tensor([2, 2], Float32Array.of(0, -0, NaN, 1e-40))],
  ]),
}

const decode = (changes: Record<string, string | undefined>) => {
  const { metadata, tensors } = readSafetensors(encodeCheckpoint(example))
  const changed = Object.entries({ ...metadata, ...changes }).filter(
    (pair): pair is [string, string] => !!pair[1],
  )
  return decodeCheckpoint(writeSafetensors(tensors, Object.fromEntries(changed)))
}

describe('a checkpoint', () => {
  test('comes back as it was, non-finite metrics and tensor bits included', () => {
    const decoded = decodeCheckpoint(encodeCheckpoint(example))
    expect(decoded).toEqual({ kind: 'bunsen', checkpoint: example })
  })

  test('comes back with nothing in the optional fields', () => {
    const bare = {
      ...example,
      parent: null,
      tokenizer: null,
      edits: [],
      trainer: null,
      metrics: {},
      tensors: new Map(),
    }
    expect(decodeCheckpoint(encodeCheckpoint(bare))).toEqual({ kind: 'bunsen', checkpoint: bare })
  })

  test('gives equal bytes for equal content in another order', () => {
    const other = {
      ...Object.fromEntries(Object.entries(example).reverse()),
      tensors: new Map([...example.tensors].reverse()),
    } as unknown as Checkpoint
    expect(encodeCheckpoint(other)).toEqual(encodeCheckpoint(example))
  })

  test('holds the metadata that the design names, the config as canonical JSON', () => {
    const { metadata } = readSafetensors(encodeCheckpoint(example))
    expect(metadata).toMatchObject({ format: 'bunsen', version: '1', step: '120', stage: '0' })
    expect(metadata['config']).toBe(
      '{"name":"é \\"quoted\\"","seed":42,"stages":[{"batchSize":8}],"version":1}',
    )
  })

  test('of somebody else is foreign: tensors and metadata, no state', () => {
    const file = writeSafetensors(example.tensors, { format: 'pt' })
    expect(decodeCheckpoint(file)).toEqual({
      kind: 'foreign',
      tensors: example.tensors,
      metadata: { format: 'pt' },
    })
    expect(decodeCheckpoint(writeSafetensors(example.tensors, {})).kind).toBe('foreign')
  })

  test('of a newer version is refused as such, whatever else it holds', () => {
    expect(() => decode({ version: '2', config: undefined, step: 'later' })).toThrow(
      expect.objectContaining({ code: 'checkpoint-newer', details: { version: 2, supported: 1 } }),
    )
  })

  test.each([
    ['version', 'one'],
    ['version', undefined],
    ['config', undefined],
    ['config', '[]'],
    ['config', '{'],
    ['step', '-1'],
    ['step', '1.5'],
    ['step', '1e400'],
    ['stage', '"0"'],
    ['cursor', undefined],
    ['generator', 'philox'],
    ['metrics', '{"loss":"low"}'],
    ['metrics', 'null'],
    ['parent', '"AB"'],
    ['tokenizer', '{"kind":"characters"}'],
    ['edits', '[{"step":1}]'],
    ['edits', '{}'],
  ])('with a broken %s (%s) names the field', (field, value) => {
    expect(() => decode({ [field]: value })).toThrow(
      expect.objectContaining({ code: 'checkpoint-invalid', details: { field } }),
    )
  })

  test.each(['metrics', 'edits'])('with %s nested deep is refused without a stack of that depth', (field) => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(() => decode({ [field]: field === 'metrics' ? `{"loss":${deep}}` : deep })).toThrow(
      expect.objectContaining({ code: 'checkpoint-invalid', details: { field } }),
    )
  })

  test('with any text in any field throws nothing but its own errors', () => {
    const fields = fc.constantFrom(
      'version',
      'config',
      'step',
      'stage',
      'metrics',
      'parent',
      'tokenizer',
      'edits',
    )
    fc.assert(
      fc.property(fields, fc.oneof(fc.json(), fc.string()), (field, value) => {
        try {
          decode({ [field]: value })
        } catch (error) {
          expect(error).toMatchObject({
            name: 'DataError',
            code: expect.stringMatching(/^checkpoint-/) as string,
          })
        }
      }),
    )
  })
})
