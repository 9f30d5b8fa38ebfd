import { expect, it } from 'vitest'
import { engineConfig } from '../../tests/helpers/engineConfig.ts'
import { DataError } from '../core/errors.ts'
import type { RunConfig } from '../core/runConfig.ts'
import { importWeights, weightsIn } from './importWeights.ts'
import type { Workers } from './workerClient.ts'

const dropped = (...names: string[]) =>
  names.map((name) => ({ file: new File(['{}'], name), path: `folder/${name}` }))
const config = engineConfig({})
const manifest = { name: 'tokenizer.json', sha256: 'ab'.repeat(32), sizeBytes: 2 }

/** Workers that know the model, and what they were asked. */
function workersOf(readsTexts: boolean) {
  const asked: [string, unknown][] = []
  const answer =
    <T>(name: string, value: T) =>
    async (given: unknown) => {
      asked.push([name, given])
      return value
    }
  const workers = {
    train: {
      importCheckpoint: () =>
        Promise.reject(new DataError('not one of ours', { code: 'checkpoint-foreign' })),
      weightsConfig: answer('config', { config, readsTexts, notices: [] }),
      importWeights: answer('import', { runId: 'r', name: '', notices: [] }),
    },
    data: {
      saveTokenizer: answer('tokenizer', manifest),
      prepare: answer('prepare', { key: 'k', isKept: true, reports: [] }),
    },
  } as unknown as Workers
  return { workers, asked }
}

it('takes weights with what people keep beside them, and nothing else', () => {
  const found = weightsIn(dropped('config.json', 'model.safetensors', 'tokenizer.json', 'merges.txt'))!
  expect([found.file.name, found.configFile?.name, found.tokenizer?.name]).toEqual([
    'model.safetensors',
    'config.json',
    'tokenizer.json',
  ])
  expect(weightsIn(dropped('model.safetensors'))).toMatchObject({ configFile: null, tokenizer: null })
  expect(weightsIn(dropped('model.safetensors', 'cat.png'))).toBeNull()
  expect(weightsIn(dropped('a.safetensors', 'b.safetensors'))).toBeNull()
})

it.each([true, false])(
  'cuts texts up by the tokenizer beside them, where the model reads any: %s',
  async (readsTexts) => {
    const { workers, asked } = workersOf(readsTexts)
    const files = weightsIn(dropped('model.safetensors', 'tokenizer.json'))!
    await importWeights(workers, files, { draft: config, presets: [] })
    const last = asked.at(-1)![1] as { config: RunConfig }
    const { tokenizer } = last.config.data
    expect(tokenizer).toEqual(readsTexts ? { kind: 'file', ...manifest } : config.data.tokenizer)
    expect(asked.some(([name]) => name === 'tokenizer')).toBe(readsTexts)
  },
)
