import { expect, it } from 'vitest'
import { engineConfig } from '../../tests/helpers/engineConfig.ts'
import type { RunConfig } from '../core/runConfig.ts'
import { importWeights, weightsIn } from './importWeights.ts'
import type { Workers } from './workerClient.ts'

const dropped = (...names: string[]) =>
  names.map((name) => ({ file: new File(['{}'], name), path: `folder/${name}` }))
const config = engineConfig({})
const manifest = { name: 'tokenizer.json', sha256: 'ab'.repeat(32), sizeBytes: 2 }

/** Workers that know the model, and what they were asked. */
function workersOf({
  readsTexts = true,
  preparing = (): unknown => ({ key: 'k', isKept: true, reports: [] }),
}) {
  const asked: [string, unknown][] = []
  const answer =
    <T>(name: string, value: () => T) =>
    async (given: unknown) => {
      asked.push([name, given])
      return value()
    }
  const plan = { config, readsTexts, notices: [] }
  const workers = {
    train: {
      openWeights: answer('open', () => ({ kind: 'plan', plan, held: 7 })),
      importWeights: answer('import', () => ({ runId: 'r', name: '', notices: [] })),
      releaseWeights: answer('release', () => undefined),
    },
    data: {
      saveTokenizer: answer('tokenizer', () => manifest),
      prepare: answer('prepare', preparing),
      unzipWeights: answer('unzip', () => null),
    },
  } as unknown as Workers
  return { workers, asked }
}

const bases = { draft: config, presets: [] }

it('takes weights with what people keep beside them, and nothing else', async () => {
  const { workers, asked } = workersOf({})
  const among = (...names: string[]) => weightsIn(workers, dropped(...names))
  const found = (await among('config.json', 'model.safetensors', 'tokenizer.json', 'merges.txt'))!
  expect([found.file.name, found.configFile?.name, found.tokenizer?.name]).toEqual([
    'model.safetensors',
    'config.json',
    'tokenizer.json',
  ])
  expect(await among('model.safetensors')).toMatchObject({ configFile: null, tokenizer: null })
  expect(await among('model.safetensors', 'cat.png')).toBeNull()
  expect(await among('a.safetensors', 'b.safetensors')).toBeNull()
  expect(await among('a.zip', 'b.zip')).toBeNull()
  expect(asked).toEqual([])
  expect(await among('a.ZIP')).toBeNull()
  expect(asked.map(([name]) => name)).toEqual(['unzip'])
})

it('has weights let go of, whether or not the data can be prepared', async () => {
  const { workers, asked } = workersOf({ preparing: () => Promise.reject(new Error('no such set')) })
  const files = (await weightsIn(workers, dropped('model.safetensors')))!
  await expect(importWeights(workers, files, bases)).rejects.toThrow('no such set')
  expect(asked.at(-1)).toEqual(['release', 7])
  const sound = workersOf({})
  await importWeights(sound.workers, files, bases)
  expect(sound.asked.map(([name]) => name)).toEqual(['open', 'prepare', 'import', 'release'])
})

it.each([true, false])(
  'cuts texts up by the tokenizer beside them, where the model reads any: %s',
  async (readsTexts) => {
    const { workers, asked } = workersOf({ readsTexts })
    const files = (await weightsIn(workers, dropped('model.safetensors', 'tokenizer.json')))!
    await importWeights(workers, files, bases)
    const last = asked.find(([name]) => name === 'import')![1] as { config: RunConfig }
    const { tokenizer } = last.config.data
    expect(tokenizer).toEqual(readsTexts ? { kind: 'file', ...manifest } : config.data.tokenizer)
    expect(asked.some(([name]) => name === 'tokenizer')).toBe(readsTexts)
  },
)
