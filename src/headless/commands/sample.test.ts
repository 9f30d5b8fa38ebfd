import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import sample from './sample.ts'
import train from './train.ts'

let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bunsen-sample-'))
  const at = (name: string) => join(folder, name)
  writeFileSync(at('story.txt'), 'It was the best of times, it was the worst of times. '.repeat(20))
  const config = {
    model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
    stages: [{ totalSteps: 4, batchSize: 1, evaluateEvery: 4 }],
    evaluation: { batches: 1, sampleEvery: 0 },
  }
  writeFileSync(at('config.json'), JSON.stringify(config))
  const { io } = recordingIo()
  const args = [at('config.json'), '--data', at('story.txt'), '--backend', 'cpu', '--out', at('run')]
  expect(await train.run(args, io)).toBe(0)
})

it.each([
  [['--length-penalty', '2'], /--length-penalty goes with --beams/],
  [['--beams', '4', '--temperature', '1', '--seed', '3'], /nothing is drawn, got --temperature, --seed/],
])('refuses by name what would do nothing: %j', async (flags, message) => {
  const { io } = recordingIo()
  await expect(sample.run(['nowhere', ...flags], io)).rejects.toThrow(
    expect.objectContaining({ code: 'bad-arguments', message: expect.stringMatching(message) as string }),
  )
})

it('goes on with the likeliest of several texts, which is the greedy one where only one is followed', async () => {
  const write = async (...flags: string[]): Promise<string> => {
    const { io, lines } = recordingIo()
    const args = [join(folder, 'run'), '--prompt', 'It was', '--tokens', '12', '--backend', 'cpu', ...flags]
    expect(await sample.run(args, io)).toBe(0)
    return lines.join('\n')
  }
  expect(await write('--beams', '1')).toBe(await write('--temperature', '0'))
  const found = await write('--beams', '4')
  expect(found).toMatch(/^It was[^]{12}$/)
  expect(found).toBe(await write('--beams', '4'))
})
