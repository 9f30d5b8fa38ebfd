import { expect, it } from 'vitest'
import { defaultsOf } from '../../core/schema.ts'
import type { ParameterSpec } from '../nn/parameter.ts'
import { layOut } from '../parameters/layout.ts'
import { optimizers } from './registry.ts'
import { updaterLayout } from './updaterLayout.ts'

const spec = (name: string, kind: ParameterSpec['kind'], shape: number[]): ParameterSpec => ({
  name,
  kind,
  shape,
  init: { kind: 'constant', value: 0 },
})
const specs = [
  spec('wide', 'matrix', [16, 40]),
  spec('bias', 'vector', [40]),
  spec('tall', 'matrix', [40, 16]),
  spec('table', 'embedding', [30, 16]),
  spec('gain', 'vector', [16]),
  spec('head', 'head', [30, 16]),
]

/** On pages that hold two or three weights each. */
function layoutOf(id: string) {
  const optimizer = optimizers.get(id)
  const weights = layOut(specs, 1000)
  const pageOf = (name: string): number => weights.places.get(name)!.page
  const params = { ...defaultsOf(optimizer.fields), kind: id }
  return { ...updaterLayout(optimizer, params, specs, { mostElements: 1000, pageOf }), pageOf }
}

it('puts flat weights at the same places among gradients and in every slot that they have, whatever stands between', () => {
  const { flat, gradients, slots } = layoutOf('muon')
  expect([...flat.places.keys()]).toEqual(['bias', 'table', 'gain', 'head'])
  expect(flat.pageLengths.length).toBeGreaterThan(1)
  for (const [name, place] of flat.places) {
    expect(gradients.places.get(name)).toEqual(place)
    for (const layout of slots.values()) expect(layout.places.get(name)).toEqual(place)
  }
})

it.each(optimizers.all.map(({ id }) => id))(
  'keeps what belongs to a weight on its page, none over another: %s',
  (id) => {
    const { gradients, slots, pageOf } = layoutOf(id)
    expect([...gradients.places.keys()].sort()).toEqual(specs.map(({ name }) => name).sort())
    for (const layout of [gradients, ...slots.values()]) {
      const places = [...layout.places.values()]
      for (const { name, page } of places) expect(page).toBe(pageOf(name))
      layout.pageLengths.forEach((end, page) => {
        let from = 0
        const sorted = places.filter((place) => place.page === page).sort((a, b) => a.offset - b.offset)
        for (const { offset, length } of sorted) {
          expect(offset).toBeGreaterThanOrEqual(from)
          from = offset + length
        }
        expect(from).toBeLessThanOrEqual(end)
      })
    }
  },
)

it('keeps for Adafactor far less than for AdamW', () => {
  const numbersOf = (id: string): number =>
    [...layoutOf(id).slots.values()]
      .flatMap(({ places }) => [...places.values()])
      .reduce((sum, { length }) => sum + length, 0)
  const all = specs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  expect(numbersOf('adamw')).toBe(2 * all)
  expect(numbersOf('muon')).toBe(2 * all - 2 * 16 * 40)
  expect(numbersOf('adafactor')).toBe(2 * (16 + 40) + 40 + 46 + 16 + 46)
})
