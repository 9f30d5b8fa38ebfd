import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode as encodePng } from 'fast-png'
import { beforeEach, describe, expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import train from './train.ts'

const story = 'It was the best of times, it was the worst of times. '.repeat(20)

let folder = ''
const at = (name: string) => join(folder, name)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bunsen-train-'))
  const stage = { totalSteps: 6, batchSize: 1, evaluateEvery: 3 }
  write('config.json', '\uFEFF' + JSON.stringify({ model, stages: [stage, stage], evaluation }))
  write('story.txt', story)
})

const model = { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 }
const evaluation = { batches: 1, sampleEvery: 0 }
const write = (name: string, text: string) => writeFileSync(at(name), text)

/** Lines of standard output as objects. */
async function run(...args: string[]): Promise<Record<string, unknown>[]> {
  const { io, lines } = recordingIo()
  expect(await train.run([...args, '--backend', 'cpu'], io)).toBe(0)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

const losses = (records: Record<string, unknown>[]) =>
  records.flatMap((record) => ('train/loss' in record ? [[record['step'], record['train/loss']]] : []))

describe('train --data', () => {
  it('takes the place of a bundled text, which leaves nothing behind in the configuration', async () => {
    await run(at('config.json'), '--data', at('story.txt'), '--steps', '1', '--out', at('out'))
    const { config } = JSON.parse(readFileSync(at('out/run.json'), 'utf8')) as { config: { data: unknown } }
    expect(config.data).toMatchObject({
      source: { kind: 'stored', name: 'story.txt', sizeBytes: story.length },
    })
  })

  it('refuses a text without room for one sequence of validation before it trains', async () => {
    write('short.txt', story.slice(0, 60))
    await expect(run(at('config.json'), '--data', at('short.txt'))).rejects.toMatchObject({
      code: 'split-too-short',
    })
  })
})

describe('train --data with pictures and tables', () => {
  const picture = (value: number) =>
    encodePng({ width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(value) })
  const items = {
    split: { kind: 'random-items', fraction: 0.25 },
    sampler: { kind: 'shuffled-items' },
  }
  const stages = [{ totalSteps: 2, batchSize: 4, evaluateEvery: 2 }]
  const dataOf = (out = 'out') =>
    (JSON.parse(readFileSync(at(`${out}/run.json`), 'utf8')) as { config: { data: unknown } }).config.data

  it('takes a folder of pictures with a folder for each class', async () => {
    for (const [name, value] of [
      ['dark', 10],
      ['light', 200],
    ] as const) {
      mkdirSync(at(`shades/${name}`), { recursive: true })
      for (let i = 0; i < 8; i++) writeFileSync(at(`shades/${name}/${i}.png`), picture(value + i))
    }
    const config = {
      task: 'image-classification',
      data: items,
      model: { kind: 'conv-net', widths: [4] },
      stages,
    }
    write('images.json', JSON.stringify(config))
    await run(at('images.json'), '--data', at('shades'), '--out', at('out'))
    const whole = dataOf()
    expect(whole).toMatchObject({ source: { kind: 'stored', name: 'shades' } })
    // However its path is written, it is the same set.
    await run(at('images.json'), '--data', `${folder}/./shades/.`, '--out', at('again'))
    expect(dataOf('again')).toMatchObject({
      source: { sha256: (whole as { source: { sha256: string } }).source.sha256 },
    })
    mkdirSync(at('empty'))
    await expect(run(at('images.json'), '--data', at('empty'))).rejects.toMatchObject({
      code: 'file-not-found',
    })
  })

  it('takes a table, and refuses a text where a table is needed', async () => {
    const rows = Array.from({ length: 16 }, (_, i) => `${i},${i % 3},${i % 2 ? 'odd' : 'even'}`)
    write('table.csv', ['a,b,class', ...rows, ''].join('\n'))
    write(
      'table.json',
      JSON.stringify({ task: 'table-classification', data: items, model: { kind: 'mlp' }, stages }),
    )
    await run(at('table.json'), '--data', at('table.csv'), '--out', at('out'))
    expect(dataOf()).toMatchObject({ source: { kind: 'stored', name: 'table.csv' } })
    await expect(run(at('table.json'), '--data', at('story.txt'))).rejects.toMatchObject({
      code: 'data-unfit',
    })
  })
})

describe('train CONFIG', () => {
  it.each([
    ['in another encoding', Buffer.from('{"name":"Gr\xfc\xdfe"}', 'latin1')],
    ['in UTF-16', Buffer.from('\uFEFF{"seed":1}', 'utf16le')],
    ['cut off', Buffer.from('{"seed":')],
  ])('refuses a file %s and says what it must be', async (_what, bytes) => {
    writeFileSync(at('broken.json'), bytes)
    await expect(run(at('broken.json'))).rejects.toMatchObject({
      code: 'config-not-json',
      message: expect.stringContaining('JSON in UTF-8') as string,
    })
  })

  it('refuses a folder that holds another run, which is kept as it was', async () => {
    const call = [at('config.json'), '--data', at('story.txt'), '--steps', '1', '--out', at('out')]
    await run(...call)
    const before = readFileSync(at('out/latest.safetensors'))
    await expect(run(...call, '--seed', '7')).rejects.toMatchObject({ code: 'folder-holds-run' })
    expect(readFileSync(at('out/latest.safetensors')).equals(before)).toBe(true)
  })
})

describe('train --branch', () => {
  const data = () => ['--data', at('story.txt')]

  it('without another setting goes on to the very losses of the run, from its latest checkpoint and from its best', async () => {
    const whole = losses(await run(at('config.json'), ...data()))
    await run(at('config.json'), ...data(), '--steps', '8', '--out', at('out'))
    const best = decodeRunCheckpoint(readFileSync(at('out/best.safetensors')), null).progress.step
    expect(best).toBeLessThan(8)
    for (const [word, step] of [
      [at('out'), 8],
      [`${at('out')}@${best}`, best],
    ] as const)
      expect(losses(await run('--branch', word, ...data()))).toEqual(whole.slice(step))
  })

  it('takes up other settings from its first step on, and its record and checkpoints say where it left', async () => {
    const whole = losses(await run(at('config.json'), ...data()))
    await run(at('config.json'), ...data(), '--steps', '8', '--out', at('out'))
    const before = readFileSync(at('out/latest.safetensors'))
    const setting = 'stages[1].optimizer.learningRate=0.25'
    const branched = losses(
      await run('--branch', `${at('out')}@8`, '--set', setting, ...data(), '--out', at('branch')),
    )
    expect(branched[0], 'the loss before the first update').toEqual(whole[8])
    expect(branched[1]).not.toEqual(whole[9])
    const branch = {
      name: 'out',
      step: 8,
      sha256: createHash('sha256').update(before).digest('hex'),
      changes: [{ path: 'stages[1].optimizer.learningRate', to: '0.25' }],
    }
    const record = JSON.parse(readFileSync(at('branch/run.json'), 'utf8')) as object
    expect(record).toMatchObject({ step: 12, branch })
    const kept = decodeRunCheckpoint(readFileSync(at('branch/latest.safetensors')), null)
    expect(kept).toMatchObject({ branch, parentSha256: branch.sha256 })
    expect(readFileSync(at('out/latest.safetensors')).equals(before), 'the run stays as it was').toBe(true)
  })

  it.each([
    ['another width', 'model.embedDim=16', 'model.embedDim'],
    ['another optimizer', 'stages[1].optimizer.kind=sgd', 'stages[1].optimizer'],
    [
      'an average of the weights',
      'stages[1].weightAverage.isEnabled=true',
      'stages[1].weightAverage.isEnabled',
    ],
    [
      'frozen weights',
      'stages[1].components=[{"match":"transformer.h.0","isFrozen":true}]',
      'stages[1].components',
    ],
    ['a stage that is over', 'stages[0].batchSize=2', 'stages[0].batchSize'],
    ['fewer steps than are done', 'stages[1].totalSteps=1', 'stages[1].totalSteps'],
    ['another split', 'data.split.fraction=0.3', 'data.split.fraction'],
  ])('refuses %s by name and says what may change', async (_what, setting, path) => {
    await run(at('config.json'), ...data(), '--steps', '8', '--out', at('out'))
    await expect(run('--branch', at('out'), '--set', setting, ...data())).rejects.toMatchObject({
      code: 'branch-unfit',
      message: expect.stringContaining(`${path}: `) as string,
      remedy: expect.stringContaining('learning rate') as string,
    })
  })

  it('names the steps that are kept where another was asked for, and a setting that is none', async () => {
    await run(at('config.json'), ...data(), '--steps', '3', '--out', at('out'))
    await expect(run('--branch', `${at('out')}@2`)).rejects.toMatchObject({
      code: 'checkpoint-missing',
      message: expect.stringContaining('got 3') as string,
    })
    await expect(run('--branch', at('out'), '--set', 'stages[0].batchsize=4')).rejects.toThrow(/batchSize/)
    await expect(run('--branch', at('out'), '--set', 'batchSize')).rejects.toMatchObject({
      code: 'bad-arguments',
    })
  })
})

describe('train --resume', () => {
  it('goes on within the second stage to the same losses, with that stage’s optimizer', async () => {
    const data = ['--data', at('story.txt')]
    const whole = losses(await run(at('config.json'), ...data))
    const first = await run(at('config.json'), ...data, '--steps', '8', '--out', at('out'))
    const rest = await run('--resume', at('out'), ...data)
    expect(whole).toHaveLength(12)
    expect([...losses(first), ...losses(rest)]).toEqual(whole)
  })

  it('leaves a whole folder in --out where there was nothing left to train', async () => {
    const data = ['--data', at('story.txt')]
    await run(at('config.json'), ...data, '--steps', '6', '--out', at('out'))
    await run('--resume', at('out'), ...data, '--steps', '6', '--out', at('copy'))
    expect(readdirSync(at('copy')).sort()).toEqual(['best.safetensors', 'latest.safetensors', 'run.json'])
    for (const name of ['best.safetensors', 'latest.safetensors'])
      expect(readFileSync(at(`copy/${name}`)).equals(readFileSync(at(`out/${name}`)))).toBe(true)
    expect(JSON.parse(readFileSync(at('copy/run.json'), 'utf8'))).toMatchObject({ status: 'done', step: 6 })
  })

  it('goes on in --out from a single file, and leaves what it began from as it was', async () => {
    const data = ['--data', at('story.txt')]
    const whole = losses(await run(at('config.json'), ...data))
    const first = await run(at('config.json'), ...data, '--steps', '5', '--out', at('out'))
    const file = at('out/latest.safetensors')
    const before = readFileSync(file)
    const rest = await run('--resume', file, ...data, '--out', at('copy'))
    expect([...losses(first), ...losses(rest)]).toEqual(whole)
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(existsSync(at('copy/latest.safetensors'))).toBe(true)
  })

  it('refuses another text and an unreadable folder', async () => {
    await run(at('config.json'), '--steps', '1', '--out', at('out'))
    await expect(run('--resume', at('out'), '--data', at('story.txt'))).rejects.toMatchObject({
      code: 'vocabulary-mismatch',
    })
    await expect(run('--resume', at('nowhere'))).rejects.toMatchObject({ code: 'checkpoint-missing' })
  })
})
