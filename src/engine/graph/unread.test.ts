import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlannedBuffer } from '../backend/plannedBuffer.ts'
import type { Command } from '../backend/recorder.ts'
import { withoutUnread } from './unread.ts'

const pipeline = {
  label: 'p',
  compile: () => Promise.reject(new Error()),
  compileNow: () => {
    throw new Error('not in this test')
  },
}
const rangeOf = (buffer: PlannedBuffer) => ({ buffer, offset: 0, size: buffer.size })
const dispatch = (writes: PlannedBuffer[], reads: PlannedBuffer[]): Command => ({
  kind: 'dispatch',
  pipeline,
  writes: writes.length,
  flops: 0,
  grid: [1, 1, 1],
  bindings: [...writes, ...reads].map(rangeOf),
})
const buffers = (count: number) => Array.from({ length: count }, () => new PlannedBuffer(4, 0, false))

/** Numbers in buffers, as if each command added up what it reads onto what it writes. */
function run(commands: readonly Command[], all: readonly PlannedBuffer[]): number[] {
  const values = new Map<object, number>(all.map((buffer, i) => [buffer, i + 1]))
  const at = (buffer: object) => values.get(buffer)!
  for (const command of commands) {
    if (command.kind === 'clear') values.set(command.range.buffer, 0)
    else if (command.kind === 'copy') values.set(command.to.buffer, at(command.from.buffer))
    else {
      const ranges = command.bindings.map(({ buffer }) => buffer)
      const sum = ranges.reduce((total, buffer) => (total + at(buffer)) % 10007, 0)
      ranges.slice(0, command.writes).forEach((buffer, i) => values.set(buffer, sum + i))
    }
  }
  return all.map(at)
}

describe('withoutUnread', () => {
  it('leaves the values of what is kept alone, whatever the commands', () => {
    const index = fc.nat(5)
    const command = fc.record({
      kind: fc.constantFrom('dispatch', 'copy', 'clear'),
      writes: fc.uniqueArray(index, { minLength: 1, maxLength: 2 }),
      reads: fc.array(index, { maxLength: 3 }),
    })
    let dropped = 0
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), index, (drawn, kept) => {
        const all = buffers(6)
        const commands = drawn.map(({ kind, writes, reads }): Command => {
          const [to, from] = [all[writes[0]!]!, all[reads[0] ?? 0]!]
          if (kind === 'copy') return { kind, from: rangeOf(from), to: rangeOf(to) }
          if (kind === 'clear') return { kind, range: rangeOf(to) }
          return dispatch(
            writes.map((i) => all[i]!),
            reads.filter((i) => !writes.includes(i)).map((i) => all[i]!),
          )
        })
        const rest = withoutUnread({ commands, forwardEnds: [] }, new Set([all[kept]!]))
        expect(run(rest.commands, all)[kept]).toBe(run(commands, all)[kept])
        dropped += commands.length - rest.commands.length
      }),
    )
    expect(dropped).toBeGreaterThan(0)
  })

  it('drops chains that lead nowhere, not what writes into a buffer of before, and moves the ends along', () => {
    const [a, b, c, result] = buffers(4)
    const before = { size: 4 } as GPUBuffer
    const into = { buffer: before, offset: 0, size: 4 }
    const useless = [dispatch([a!], []), dispatch([b!], [a!])]
    const useful = [dispatch([c!], []), dispatch([result!], [c!])]
    const update: Command = { kind: 'copy', from: rangeOf(result!), to: into }
    const commands = [...useless, useful[0]!, update, useful[1]!]
    const rest = withoutUnread({ commands, forwardEnds: [1, 3, 5] }, new Set([result!]))
    expect(rest).toEqual({ commands: [useful[0], update, useful[1]], forwardEnds: [0, 1, 3] })
    expect(withoutUnread({ commands: useful, forwardEnds: [] }, new Set()).commands).toEqual([])
  })
})
