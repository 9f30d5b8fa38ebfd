import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DataError, DeviceError } from '../../src/core/errors.ts'
import { createDevice } from '../../src/engine/backend/createDevice.ts'
import type { Json } from './json.ts'
import { verifyFiles, type CaseResult, type GoldenSource, type VerifyOptions } from './verify.ts'

const folder = new URL('../fixtures/goldens/', import.meta.url)
const read = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)))

/** Where in a case (or, with a leading `..`, in its file), and the new value or what becomes of the old number. */
type Change = readonly [path: string, value: Json | undefined | ((old: number) => number)]

/** A golden file in memory, under a name that says nothing, beside the real ones. */
function source(content: Uint8Array | string): GoldenSource {
  return {
    name: 'x.bin',
    read: () => Promise.resolve(typeof content === 'string' ? new TextEncoder().encode(content) : content),
    readBeside: (name) => Promise.resolve(read(name)),
    listBeside: () => Promise.resolve(['gpt_tied.safetensors', 'gpt_untied.safetensors']),
  }
}

type Branch = Record<string, Json | undefined>

/** A file of the set with changes to its first case. */
function changed(name: string, ...changes: readonly Change[]): GoldenSource {
  const file = JSON.parse(new TextDecoder().decode(read(name))) as Branch
  const cases = (file['cases'] ?? file['files']) as unknown as Branch[]
  for (const [path, value] of changes) {
    const keys = path.replace('../', '').split('/')
    const last = keys.pop()!
    const start = path.startsWith('../') ? file : cases[0]!
    const branch = keys.reduce((at, key) => at[key] as Branch, start)
    branch[last] = typeof value === 'function' ? value(branch[last] as number) : value
  }
  return source(JSON.stringify(file))
}

async function run(sources: readonly GoldenSource[], options: Partial<VerifyOptions> = {}) {
  const results: CaseResult[] = []
  const errors: DataError[] = []
  const summary = await verifyFiles(sources, {
    openDevice: () => createDevice({ backend: 'cpu', gpu: null }),
    onCase: (result) => results.push(result),
    onUnreadable: (_source, error) => errors.push(error),
    ...options,
  })
  return { summary, results, errors, first: results[0]! }
}

async function firstOf(name: string, ...changes: readonly Change[]): Promise<CaseResult> {
  return (await run([changed(name, ...changes)])).first
}

const plus = (shift: number) => (old: number) => old + shift
const times = (factor: number) => (old: number) => old * factor

describe('verify fails', () => {
  it('a value that is further off than the tolerance, and says where', async () => {
    const result = await firstOf('layernorm.json', ['expected/output/data/4', plus(1e-3)])
    expect(result).toMatchObject({ status: 'FAIL', name: 'layernorm/b3_d5' })
    expect(result.detail).toMatch(/output\[4\] is .* expected .* times the tolerance/)
  })

  it.each<[string, ...Change]>([
    ['rmsnorm.json', 'expected/grads/weight/data/0', plus(0.1)],
    ['swiglu.json', 'expected/loss', plus(0.1)],
    ['lr_schedules.json', 'expected/lr/3', times(1.00001)],
    ['adamw.json', 'expected/problem/params_after_step/b1/data/7', plus(1e-3)],
    ['adamw.json', 'expected/problem/loss_before_step/2', times(1.001)],
    ['adamw.json', 'expected/replay/params_after_step/data/0', plus(1e-3)],
    ['clip_grad_norm.json', 'expected/total_norm', times(1.0001)],
    ['label_noise.json', 'expected/find_label_issues/both/indices/0', plus(1)],
    ['label_noise.json', 'expected/confident_joint/0/1', plus(1)],
    ['label_noise.json', 'expected/confident_thresholds/1', plus(1e-8)],
    ['label_noise.json', 'expected/label_quality_scores/normalized_margin/7', plus(1e-8)],
    ['gpt_tied.json', 'expected/logits/data/11', plus(1e-3)],
    ['gpt_tied.json', 'expected/greedy/continuation/7', 99],
    ['gpt_tied.json', 'expected/adamw/loss_before_step/2', plus(1e-3)],
    ['gpt_tied.json', 'expected/adamw_clipped/grad_norm_before_clipping/2', times(1.001)],
    ['gpt_tied.json', 'expected/gradients/transformer.wte.weight/data/3', plus(1e-3)],
  ])('%s with another %s', async (name, path, value) => {
    expect(await firstOf(name, [path, value])).toMatchObject({ status: 'FAIL' })
  })

  it.each<Change>([
    ['expected/output/data/0', 'NaN'],
    ['expected/output/data/0', 'Infinity'],
    ['inputs/x/data/0', 'NaN'],
  ])('a number where the other side has none: %s', async (...change) => {
    expect(await firstOf('layernorm.json', change)).toMatchObject({ status: 'FAIL' })
  })

  it('tensors whose shape and data do not fit', async () => {
    const { status, detail } = await firstOf('layernorm.json', ['inputs/x/data', [1, 2]])
    expect([status, detail]).toEqual([
      'FAIL',
      expect.stringMatching(/inputs\.x\.data: must be 15 numbers, got 2/),
    ])
  })

  it('what the engine throws at', async () => {
    const result = await firstOf('causal_attention.json', ['params/heads', 4])
    expect([result.status, result.detail]).toEqual(['FAIL', expect.stringMatching(/ShapeError/)])
  })

  it.each<Change>([
    ['must', 'reject'],
    ['expected_tensors/f/values/2', 0],
    ['expected_tensors/f/values/1', 1],
    ['expected_tensors/i/values/2', '9007199254740992'],
    ['expected_tensors/h/shape', [4]],
    ['expected_tensors/b/dtype', 'F16'],
    ['metadata/note', 'e'],
    ['sha256', '00'],
  ])('a safetensors file that is not as stated: %s', async (...change) => {
    expect(await firstOf('manifest.json', change)).toMatchObject({ status: 'FAIL' })
  })
})

describe('verify calls unsupported', () => {
  it.each<[RegExp, ...Change]>([
    [/no mapping for files of "spectral norm"/, '../what', 'spectral norm'],
    [/params\.power is not mapped/, 'params/power', 2],
    [/inputs\.mask is not mapped/, 'inputs/mask', { dtype: 'int32', shape: [1], data: [1] }],
    [/expected\.variance is not compared/, 'expected/variance', 1],
    [/weighted_by is not mapped/, 'weighted_by', 'x'],
    [/defaults is not mapped/, '../defaults', { eps: 1 }],
    [/tolerance\.output_abs is not stated/, 'tolerance/output_abs', undefined],
  ])('what the mapping does not read: %s', async (reason, ...change) => {
    const { status, detail } = await firstOf('layernorm.json', change)
    expect([status, detail]).toEqual(['unsupported', expect.stringMatching(reason)])
  })

  it.each<[string, ...Change]>([
    ['activations.json', 'params/kind', 'maxout'],
    ['causal_attention.json', 'params/causal', 'left'],
    ['adamw.json', 'params/foreach', true],
    ['adamw.json', '../problem/noise', 1],
    ['gpt_tied.json', 'expected/adamw/hyperparameters/amsgrad', true],
    ['clip_grad_norm.json', 'params/norm_type', 3],
    ['lr_schedules.json', 'reference', 'torch ReduceLROnPlateau'],
    ['label_noise.json', 'expected/find_label_issues/by_annotators', { indices: [] }],
    ['label_noise.json', 'expected/label_quality_scores/entropy', []],
    ['gpt_tied.json', 'config/activation_function', 'relu'],
    ['gpt_tied.json', 'config/scale_attn_weights', false],
    ['gpt_tied.json', 'expected/adamw/hyperparameters/decayed', 'tensors whose name has an e'],
  ])('values that the engine does not have: %s %s', async (name, ...change) => {
    expect(await firstOf(name, change)).toMatchObject({ status: 'unsupported' })
  })
})

describe('verify', () => {
  it('leaves out the entries that a file says not to compare, and only them', async () => {
    const entry = (index: number): Change => [
      `expected/adamw/weights_after_3_steps/transformer.h.0.attn.c_attn.bias/data/${index}`,
      plus(1),
    ]
    expect((await firstOf('gpt_tied.json', entry(6), entry(11))).status).toBe('ok')
    expect((await firstOf('gpt_tied.json', entry(5))).status).toBe('FAIL')
    expect((await firstOf('gpt_tied.json', entry(12))).status).toBe('FAIL')
  })

  it('leaves out rows whose gradient the reference calls singular, and only them', async () => {
    const ignored: Change = ['grad_ignore_rows', { x: [1] }]
    const shift = (index: number): Change => [`expected/grads/x/data/${index}`, plus(1)]
    expect((await firstOf('layernorm.json', ignored, shift(5), shift(9))).status).toBe('ok')
    expect((await firstOf('layernorm.json', ignored, shift(10))).status).toBe('FAIL')
  })

  it('goes on after files that cannot be read, and counts them apart', async () => {
    const broken = ['{"cases": [', '[]', '{}', '\u0000'].map(source)
    const { summary, errors } = await run([
      ...broken,
      source(read('bad_truncated.safetensors')),
      changed('rmsnorm.json'),
    ])
    expect(summary).toEqual({ passed: 1, failed: 0, unsupported: 0, unreadable: 5 })
    expect(errors.every((error) => error instanceof DataError)).toBe(true)
  })

  it('describes a safetensors file that is given by itself', async () => {
    const { first } = await run([source(read('gpt_tied.safetensors'))])
    expect(first).toEqual({
      status: 'ok',
      name: 'safetensors/x.bin',
      detail: 'read: 16 tensors, 594 numbers (float32)',
    })
  })

  it('needs no device for schedules and files, and stops when there is none for the rest', async () => {
    const openDevice = () => Promise.reject(new DeviceError('no adapter', { code: 'no-adapter' }))
    const { summary } = await run([changed('lr_schedules.json'), changed('manifest.json')], { openDevice })
    expect(summary).toMatchObject({ failed: 0, unsupported: 0, unreadable: 0 })
    await expect(run([changed('rmsnorm.json')], { openDevice })).rejects.toThrow('no adapter')
  })
})
