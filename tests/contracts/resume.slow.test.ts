import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encode as encodePng } from 'fast-png'
import { beforeAll, expect, it } from 'vitest'
import train from '../../src/headless/commands/train.ts'
import { recordingIo } from '../helpers/commandIo.ts'
import { statefulConfigs } from '../helpers/statefulConfigs.ts'

const folder = mkdtempSync(join(tmpdir(), 'bunsen-resume-'))
const at = (name: string) => join(folder, name)

/** 24 pictures of two classes, each with a caption of its own. */
beforeAll(() => {
  const captions = ['file_name,text,label']
  mkdirSync(at('pictures'))
  for (let i = 0; i < 24; i++) {
    const data = Uint8Array.from({ length: 192 }, (_, place) => (i % 2) * 120 + ((place * 7 + i * 13) % 100))
    writeFileSync(at(`pictures/${i}.png`), encodePng({ width: 8, height: 8, channels: 3, data }))
    captions.push(`${i}.png,${i % 2 ? 'light' : 'dark'} picture ${i % 5},${i % 2 ? 'light' : 'dark'}`)
  }
  writeFileSync(at('pictures/metadata.csv'), `${captions.join('\n')}\n`)
})

async function run(...args: string[]): Promise<unknown[]> {
  const { io, lines } = recordingIo()
  expect(await train.run([...args, '--backend', 'cpu'], io)).toBe(0)
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return records.flatMap((record) => ('train/loss' in record ? [[record['step'], record['train/loss']]] : []))
}

/** The bits of weights, moments and all that else a checkpoint keeps, by name. What is beside them tells of times. */
function tensorsOf(name: string): Record<string, string> {
  const file = readFileSync(at(`${name}.safetensors`))
  const start = 8 + Number(file.readBigUInt64LE())
  const { __metadata__: _, ...tensors } = JSON.parse(file.toString('utf8', 8, start)) as Record<
    string,
    { data_offsets: [number, number] }
  >
  const bits = Object.entries(tensors).map(
    ([
      key,
      {
        data_offsets: [from, to],
      },
    ]) => [key, file.subarray(start + from, start + to).toString('base64')],
  )
  return Object.fromEntries(bits) as Record<string, string>
}

it.each(statefulConfigs.map(({ state, config }) => [state, config] as const))(
  'goes on bit for bit with %s',
  async (state, config) => {
    const [stage] = config['stages'] as [object]
    const stages = [{ ...stage, totalSteps: 4, evaluateEvery: 2 }]
    const name = state.replaceAll(/\W+/g, '-')
    writeFileSync(at(`${name}.json`), JSON.stringify({ ...config, stages, evaluation: { batches: 1 } }))
    const data = ['--data', at('pictures')]
    const whole = await run(at(`${name}.json`), ...data, '--out', at(`${name}-whole`))
    const first = await run(at(`${name}.json`), ...data, '--steps', '2', '--out', at(`${name}-parts`))
    const rest = await run('--resume', at(`${name}-parts`), ...data)
    expect(whole).toHaveLength(4)
    expect([...first, ...rest]).toEqual(whole)
    for (const kept of ['latest', 'best'])
      expect(tensorsOf(`${name}-parts/${kept}`), kept).toEqual(tensorsOf(`${name}-whole/${kept}`))
  },
)
