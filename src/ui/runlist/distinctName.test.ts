import { expect, it } from 'vitest'
import { distinctName } from './distinctName.ts'
import type { RunRecord } from './records.ts'

const record = (id: string, name: string, second: number) =>
  ({ id, name, createdAt: new Date(2026, 0, 2, 3, 4, second).getTime() }) as RunRecord

it('tells runs of the same name apart by when they began, and leaves others alone', () => {
  const runs = [record('a', 'GPT', 5), record('b', 'GPT', 9), record('c', 'Other', 0)]
  expect(runs.map((run) => distinctName(run, runs))).toEqual(['GPT · 03:04:05', 'GPT · 03:04:09', 'Other'])
  expect(distinctName(runs[0]!, runs.slice(2))).toBe('GPT')
})
