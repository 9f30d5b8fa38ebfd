import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import { decodeRunCheckpoint } from '../../../workers/checkpointOfRun.ts'
import { readSafetensors } from '../../core/safetensors/read.ts'
import exportCommand from './export.ts'
import train from './train.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const config = {
  model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
  stages: [{ totalSteps: 4, batchSize: 1, evaluateEvery: 4 }],
  evaluation: { batches: 1, sampleEvery: 0 },
}
const write = (name: string, value: object) => writeFileSync(at(name), JSON.stringify(value))

async function runTrain(...args: string[]): Promise<unknown[]> {
  const { io, lines } = recordingIo()
  expect(await train.run([...args, '--data', at('story.txt'), '--backend', 'cpu'], io)).toBe(0)
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return records.flatMap((record) => ('train/loss' in record ? [record['train/loss']] : []))
}

async function runExport(...args: string[]): Promise<unknown> {
  const { io, lines } = recordingIo()
  expect(await exportCommand.run(args, io)).toBe(0)
  return JSON.parse(lines[0]!)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bunsen-export-'))
  writeFileSync(at('story.txt'), 'It was the best of times, it was the worst of times. '.repeat(20))
  write('config.json', config)
  await runTrain(at('config.json'), '--out', at('run'))
  await runExport(at('run'), '--out', at('model'))
})

describe('export', () => {
  it('writes weights and a config.json, and says which architecture they are of', async () => {
    expect(readdirSync(at('model')).sort()).toEqual(['config.json', 'model.safetensors'])
    expect(JSON.parse(readFileSync(at('model/config.json'), 'utf8'))).toMatchObject({
      model_type: 'gpt2',
      n_head: 2,
      n_inner: 32,
    })
    const { tensors, metadata } = readSafetensors(readFileSync(at('model/model.safetensors')))
    expect(metadata).toEqual({ format: 'pt' })
    const { checkpoint } = decodeRunCheckpoint(readFileSync(at('run/latest.safetensors')), null)
    for (const [name, tensor] of tensors) expect(tensor, name).toEqual(checkpoint.tensors.get(name))
    expect(await runExport(at('run'), '--out', at('own'), '--names', 'own')).toEqual({
      step: 4,
      files: ['model.safetensors'],
      architecture: null,
    })
  })

  it('needs a folder, and writes over no other model', async () => {
    await expect(runExport(at('run'))).rejects.toMatchObject({ code: 'bad-arguments' })
    await expect(runExport(at('run'), '--out', at('model'))).rejects.toMatchObject({
      code: 'folder-holds-model',
    })
    // Nothing of it is written where but one of its files is there.
    mkdirSync(at('half'))
    writeFileSync(at('half/config.json'), '{"mine": true}')
    await expect(runExport(at('run'), '--out', at('half'))).rejects.toMatchObject({
      code: 'folder-holds-model',
      message: expect.stringContaining('config.json') as string,
    })
    expect(readdirSync(at('half'))).toEqual(['config.json'])
    expect(readFileSync(at('half/config.json'), 'utf8')).toBe('{"mine": true}')
  })
})

describe('train --from', () => {
  it('begins with the file’s weights, the same each time, and keeps the hash of the file', async () => {
    const fresh = await runTrain(at('config.json'))
    const started = await runTrain(
      at('config.json'),
      '--from',
      at('model/model.safetensors'),
      '--out',
      at('begun'),
    )
    expect(started).toHaveLength(4)
    expect(started).not.toEqual(fresh)
    expect(await runTrain(at('config.json'), '--from', at('model')), 'a folder').toEqual(started)
    expect(await runTrain(at('config.json'), '--from', at('run')), 'a checkpoint').toEqual(started)
    const sha256 = createHash('sha256')
      .update(readFileSync(at('model/model.safetensors')))
      .digest('hex')
    expect(JSON.parse(readFileSync(at('begun/run.json'), 'utf8'))).toMatchObject({ parent: sha256 })
    const kept = decodeRunCheckpoint(readFileSync(at('begun/latest.safetensors')), null)
    expect(kept.parentSha256).toBe(sha256)
  })

  it('refuses weights that do not fit, broken files, and a run that goes on', async () => {
    write('wide.json', { ...config, model: { ...config.model, embedDim: 16 } })
    await expect(runTrain(at('wide.json'), '--from', at('model'))).rejects.toMatchObject({
      code: 'weights-mismatch',
      message: expect.stringMatching(/wte\.weight must be \[\d+, 16\], got \[\d+, 8\]/) as string,
    })
    writeFileSync(at('broken.safetensors'), readFileSync(at('model/model.safetensors')).subarray(0, 500))
    await expect(runTrain(at('config.json'), '--from', at('broken.safetensors'))).rejects.toMatchObject({
      code: expect.stringMatching(/^safetensors-/) as string,
    })
    await expect(runTrain('--resume', at('run'), '--from', at('model'))).rejects.toMatchObject({
      code: 'bad-arguments',
    })
  })
})
