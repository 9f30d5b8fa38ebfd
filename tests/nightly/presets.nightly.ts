import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import evaluate from '../../src/headless/commands/evaluate.ts'
import train from '../../src/headless/commands/train.ts'
import { presets } from '../../src/runs/presets/registry.ts'
import { recordingIo } from '../helpers/commandIo.ts'

const folder = mkdtempSync(join(tmpdir(), 'bunsen-presets-'))

it.each(presets.map(({ id }) => id))('%s trains and is evaluated by the command line', async (id) => {
  const { io, lines } = recordingIo()
  const out = join(folder, id)
  expect(await train.run([id, '--steps', '3', '--out', out], io)).toBe(0)
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const losses = records.flatMap((record) => record['train/loss'] ?? [])
  expect(losses).toHaveLength(3)
  expect(losses.every((loss) => Number.isFinite(loss))).toBe(true)
  expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({ step: 3 })

  const shown = recordingIo()
  expect(await evaluate.run([out], shown.io)).toBe(0)
  const values = JSON.parse(shown.lines.at(-1)!) as Record<string, unknown>
  expect(values['validation/loss']).toEqual(expect.any(Number))
})
