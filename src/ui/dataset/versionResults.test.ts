import { expect, it } from 'vitest'
import type { DataSource } from '../../core/runConfig.ts'
import type { RunRecord } from '../runlist/records.ts'
import { versionResults } from './versionResults.ts'

const [parent, child] = ['a', 'b'].map((letter): DataSource => {
  return { kind: 'stored', name: '', sha256: letter.repeat(64), sizeBytes: 1 }
}) as [DataSource, DataSource]
const tasks = [
  { id: 'classes', metrics: [{ name: 'validation/accuracy', label: '', better: 'higher' as const }] },
  { id: 'numbers', metrics: [] },
]

function run(id: string, source: DataSource, task: string, measured: [metric: string, value: number] | null) {
  const best = measured && { metric: measured[0], value: measured[1], step: 1 }
  return { id, best, config: { task, data: { source } } } as unknown as RunRecord
}
const shown = (runs: RunRecord[]) =>
  versionResults(runs, { parent, child }, tasks).map(({ task, metric, before, after, gain }) => [
    task,
    metric,
    before.id,
    after?.id ?? null,
    gain,
  ])

it('compares the best of each side, by the direction of the metric', () => {
  const runs = [
    run('p1', parent, 'classes', ['validation/accuracy', 0.5]),
    run('p2', parent, 'classes', ['validation/accuracy', 0.75]),
    run('c1', child, 'classes', ['validation/accuracy', 1]),
    run('c2', child, 'classes', ['validation/accuracy', 0.25]),
    run('p3', parent, 'numbers', ['validation/loss', 2]),
    run('p4', parent, 'numbers', ['validation/loss', 4]),
    run('c3', child, 'numbers', ['validation/loss', 3]),
  ]
  const expected = [
    ['classes', 'validation/accuracy', 'p2', 'c1', 0.25],
    ['numbers', 'validation/loss', 'p3', 'c3', -1],
  ]
  expect(shown(runs)).toEqual(expected)
  expect(new Set(shown([...runs].reverse()).map(String))).toEqual(new Set(expected.map(String)))
})

it('compares nothing across metrics, tasks or sets, nor with what was not measured', () => {
  expect(
    shown([
      run('p', parent, 'classes', ['validation/accuracy', 0.5]),
      run('c1', child, 'classes', ['validation/loss', 0.1]),
      run('c2', child, 'numbers', ['validation/accuracy', 0.9]),
      run('c3', child, 'classes', null),
      run('o', { kind: 'bundled', id: 'digits' }, 'classes', ['validation/accuracy', 1]),
    ]),
  ).toEqual([['classes', 'validation/accuracy', 'p', null, null]])
  expect(shown([run('c', child, 'classes', ['validation/accuracy', 0.5])])).toEqual([])
})
