import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import evaluate from './evaluate.ts'
import train from './train.ts'

it('measures the part that is asked for, of files whose names say which part they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bunsen-evaluate-'))
  const at = (name: string) => join(folder, name)
  const rows = { train: 8, valid: 4, test: 6 }
  const data = Object.entries(rows).flatMap(([name, count]) => {
    const lines = Array.from({ length: count }, (_, i) => `${count * i + i},${i % 2 ? 'a' : 'b'}`)
    writeFileSync(at(`${name}.csv`), ['x,label', ...lines, ''].join('\n'))
    return ['--data', at(`${name}.csv`)]
  })
  const config = {
    task: 'table-classification',
    data: { split: { kind: 'given' }, sampler: { kind: 'shuffled-items' } },
    model: { kind: 'mlp', hidden: { shape: 'even', width: 4, depth: 1 } },
    stages: [{ totalSteps: 2, batchSize: 2, evaluateEvery: 2 }],
  }
  writeFileSync(at('config.json'), JSON.stringify(config))
  const own = [...data, '--backend', 'cpu', '--cache', '0']
  const trained = recordingIo()
  expect(await train.run([at('config.json'), ...own, '--out', at('out')], trained.io)).toBe(0)
  const told = trained.lines.map((line) => JSON.parse(line) as Record<string, number>)
  const measured = async (...part: string[]) => {
    const { io, lines } = recordingIo()
    expect(await evaluate.run([at('out'), ...own, ...part], io)).toBe(0)
    return JSON.parse(lines[0]!) as Record<string, number>
  }
  const validation = await measured()
  expect(validation).toMatchObject({ step: 2, items: 4 })
  expect(validation['validation/loss']).toBe(
    told.findLast((line) => 'validation/loss' in line)!['validation/loss'],
  )
  const test = await measured('--part', 'test')
  expect([test['items'], Object.keys(test).filter((name) => name.startsWith('validation/'))]).toEqual([6, []])
  expect(test['test/accuracy']! * 6).toBeCloseTo(Math.round(test['test/accuracy']! * 6))
  // Other rows than the run's are measured whole, each by itself as much as all of them.
  writeFileSync(at('other.csv'), 'label,x\na,3\nb,40\na,7\n')
  const other = async (...flags: string[]) => {
    const { io, lines } = recordingIo()
    const given = [at('out'), '--data', at('other.csv'), '--backend', 'cpu', '--cache', '0']
    return { code: await evaluate.run([...given, ...flags], io), lines }
  }
  const { code, lines } = await other()
  expect(code).toBe(0)
  const found = JSON.parse(lines[0]!) as Record<string, number>
  expect(found).toMatchObject({ step: 2, items: 3, 'test/loss': expect.any(Number) as number })
  expect(found['test/accuracy']! * 3).toBeCloseTo(Math.round(found['test/accuracy']! * 3))
  await expect(other('--part', 'validation')).rejects.toMatchObject({ code: 'bad-arguments' })
  writeFileSync(at('other.csv'), 'label,y\na,3\nb,40\n')
  await expect(other()).rejects.toMatchObject({ code: 'data-other' })
})
