import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { countingStep, nodeOf } from '../../tests/helpers/countingStep.ts'
import { StepRunner } from '../data/steps/stepRunner.ts'
import { cacheBudget, openStepFolder } from './stepFolder.ts'

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bunsen-steps-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const { kind } = countingStep('a/b', ({ config }) => `${'x'.repeat(500)}${String(config)}`)

/** Each on a store of its own, as commands are. */
async function run(folder: string, config: number, budgetBytes = 1e6) {
  const { value, reports } = await new StepRunner(openStepFolder({ folder, budgetBytes })).run(
    nodeOf(kind, config),
  )
  expect(value).toBe(`${'x'.repeat(500)}${config}`)
  const { outcome, reason, unkept } = reports[0]!
  return [outcome, reason?.kind ?? null, unkept]
}

const contentOf = (folder: string, config: number) => join(folder, `${nodeOf(kind, config).key}.bin`)

describe('what steps made, in a folder', () => {
  it('is found by the next command, also in a folder that was not there', async () => {
    const folder = join(temporary(), 'deep', 'steps')
    expect(await run(folder, 1)).toEqual(['computed', 'never', null])
    expect(await run(folder, 1)).toEqual(['reused', null, null])
    expect(await run(folder, 2)).toEqual(['computed', 'changed', null])
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  it('is made anew where a file is damaged, cut, missing or not what it should be', async () => {
    const folder = temporary()
    const { key } = nodeOf(kind, 1)
    const record = join(folder, `${key}.json`)
    await run(folder, 1)
    const damages: [string, () => void][] = [
      [
        'corrupted',
        () => writeFileSync(contentOf(folder, 1), readFileSync(contentOf(folder, 1)).fill(7, 30, 31)),
      ],
      ['corrupted', () => truncateSync(contentOf(folder, 1), 9)],
      ['corrupted', () => rmSync(contentOf(folder, 1))],
      ['never', () => writeFileSync(record, '{"key":')],
      ['never', () => writeFileSync(record, '[]')],
      ['never', () => writeFileSync(record, 'null')],
    ]
    for (const [reason, damage] of damages) {
      damage()
      expect(await run(folder, 1)).toEqual(['computed', reason, null])
      expect(await run(folder, 1)).toEqual(['reused', null, null])
    }
  })

  it('stays within its budget', async () => {
    const folder = temporary()
    for (const config of [1, 2, 3]) await run(folder, config, 1200)
    expect([1, 2, 3].map((config) => existsSync(contentOf(folder, config)))).toEqual([false, true, true])
    expect(await run(folder, 1, 1200)).toEqual(['computed', 'evicted', null])
    expect(await run(folder, 4, 100)).toEqual(['computed', 'changed', 'over-budget'])
    expect(await run(folder, 4, 100)).toEqual(['computed', 'unkept', 'over-budget'])
    expect(await run(folder, 3, 0)).toEqual(['computed', 'never', 'over-budget'])
  })

  it('is not kept where the folder is a file', async () => {
    const folder = join(temporary(), 'file')
    writeFileSync(folder, '')
    expect(await run(folder, 1)).toEqual(['computed', 'never', 'disk-full'])
  })

  it('has a budget by flag, else by the environment', () => {
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('BUNSEN_CACHE_MB', ' 3 ')
    expect([cacheBudget(5), cacheBudget(0), cacheBudget(null)]).toEqual([5e6, 0, 3e6])
    vi.stubEnv('BUNSEN_CACHE_MB', '')
    expect(cacheBudget(null)).toBe(2e9)
    for (const bad of ['much', '-1', 'Infinity']) {
      vi.stubEnv('BUNSEN_CACHE_MB', bad)
      expect(() => cacheBudget(null)).toThrow(expect.objectContaining({ code: 'bad-arguments' }))
    }
  })
})
