import { expect, it } from 'vitest'
import type { Diagnosis, Finding, Fix } from '../../core/finding.ts'
import { Choices } from './choices.svelte.ts'

const finding = (fix: Fix, confidence = 1, items: number[] = []): Finding => ({
  check: 'any',
  severity: 'warning',
  message: '',
  items,
  count: items.length,
  values: {},
  fix,
  confidence,
})
const copies = finding({ kind: 'drop', items: [5, 8] }, 1, [2, 5, 8])
const label = finding({ kind: 'relabel', item: 3, to: 'b' }, 0.95, [3])
const unsure = finding({ kind: 'drop', items: [9] }, 0.9, [9])
const choices = () => new Choices({ findings: [copies, label, unsure] } as unknown as Diagnosis)

it('begins with what sure findings suggest, and leaves the rest as it is', () => {
  const own = choices()
  expect(own.revision('kind')).toEqual({
    drop: [5, 8],
    relabel: [{ item: 3, label: 'b' }],
    labelColumn: 'kind',
  })
  expect([own.dropped, own.relabelled, own.of(9).kind, own.of(2).kind]).toEqual([2, 1, 'keep', 'keep'])
})

it('takes and leaves all of a finding, and single items', () => {
  const own = choices()
  own.take([unsure])
  own.keep([copies, label])
  expect(own.revision(null)).toEqual({ drop: [9], relabel: [] })
  own.choose([2], { kind: 'drop' })
  own.choose([9], { kind: 'keep' })
  own.take([label])
  expect(own.revision(null)).toEqual({ drop: [2], relabel: [{ item: 3, label: 'b' }] })
})
