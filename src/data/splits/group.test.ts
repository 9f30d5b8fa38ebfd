import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dealingSplit, itemsToSplit, placesOf } from '../../../tests/helpers/itemsToSplit.ts'

const split = dealingSplit('group')
const deal = (
  items: Parameters<typeof split.deal>[0],
  params: { fraction: number; column?: string },
  seed = 1,
) => split.deal(items, { column: '', ...params }, seed)

it('never has a group on both sides, and holds out about what was asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(30), { minLength: 100, maxLength: 300 }),
      fc.double({ min: 0.1, max: 0.5, noNaN: true }),
      fc.nat(),
      (groups, fraction, seed) => {
        const user = groups.map(String)
        const { sides } = deal(itemsToSplit(user.length, { columns: { user } }), { fraction }, seed)
        const groupsOf = (side: 'train' | 'validation') =>
          new Set(placesOf(sides, side).map((place) => user[place]))
        const held = groupsOf('validation')
        expect([...groupsOf('train')].filter((group) => held.has(group))).toEqual([])
        const sizes = [...new Set(user)].map((own) => user.filter((other) => other === own).length)
        const kept = placesOf(sides, 'validation').length
        expect(Math.abs(kept - user.length * fraction)).toBeLessThanOrEqual(Math.max(...sizes))
      },
    ),
    { numRuns: 200, seed: 5 },
  )
})

it('draws by the seed', () => {
  const user = Array.from({ length: 100 }, (_, i) => `u${i % 20}`)
  const items = itemsToSplit(100, { columns: { user } })
  const draw = (seed: number) => deal(items, { fraction: 0.2 }, seed).sides
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})

it('keeps groups together that share an item, and says so', () => {
  const user = ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']
  const contents = ['1', '2', '2', '3', '4', '5', '6', '7']
  for (let seed = 0; seed < 20; seed++) {
    const { sides, notices } = deal(itemsToSplit(8, { columns: { user }, contents }), { fraction: 0.5 }, seed)
    expect(new Set(sides.slice(0, 4)).size).toBe(1)
    expect(notices[0]).toBe(
      '1 group shares items of the same content with others, and were kept on one side with them.',
    )
  }
})

it('takes an item of no group as a group by itself', () => {
  const user = ['a', 'b', '', '', 'NA', '']
  const { sides } = deal(itemsToSplit(6, { columns: { user } }), { fraction: 0.5, column: 'user' })
  expect(placesOf(sides, 'validation')).toHaveLength(3)
})

it('says where groups are too large for the share that was wanted', () => {
  const user = ['a', 'b'].flatMap((name) => new Array<string>(50).fill(name))
  const { sides, notices } = deal(itemsToSplit(100, { columns: { user } }), { fraction: 0.1 })
  expect(placesOf(sides, 'validation')).toHaveLength(50)
  expect(notices).toEqual([
    '50 items are held out where 10 were wanted, since the 2 groups of “user” are not parted.',
  ])
})

it('finds the column by its name, where some items share a group', () => {
  const columns = { user_id: ['1', '2', '3', '4'], patient: ['1', '1', '2', '2'] }
  expect(split.fits(itemsToSplit(4, { columns }))).toBe(true)
  const { sides } = deal(itemsToSplit(4, { columns }), { fraction: 0.5 })
  expect(sides[0]).toBe(sides[1])
  expect(
    split.fits(itemsToSplit(4, { columns: { user_id: columns.user_id, island: columns.patient } })),
  ).toBe(false)
})

it('refuses a column that there is not, with the nearest, and one group', () => {
  const one = itemsToSplit(3, { columns: { site: ['x', 'x', 'x'], size: ['1', '2', '3'] } })
  expect(() => deal(one, { fraction: 0.5, column: 'sitte' })).toThrow(
    expect.objectContaining({ code: 'split-column', remedy: 'Did you mean site?' }),
  )
  expect(() => deal(one, { fraction: 0.5 })).toThrow(
    /none was named and none was found; there are site, size/,
  )
  expect(() => deal(one, { fraction: 0.5, column: 'site' })).toThrow(
    expect.objectContaining({ code: 'split-inseparable' }),
  )
})
