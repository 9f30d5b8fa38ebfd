import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { PlannedBuffer } from '../backend/plannedBuffer.ts'
import type { Command } from '../backend/recorder.ts'
import { placeBuffers } from './placement.ts'

const pipeline = {
  label: 'p',
  compile: () => Promise.reject(new Error()),
  compileNow: () => {
    throw new Error('not in this test')
  },
}
const dispatch = (...buffers: PlannedBuffer[]): Command => ({
  kind: 'dispatch',
  pipeline,
  writes: 1,
  flops: 0,
  grid: [1, 1, 1],
  bindings: buffers.map((buffer) => ({ buffer, offset: 0, size: buffer.size })),
})
const buffer = (size: number): PlannedBuffer => new PlannedBuffer(size, 0, false)

/** Every buffer's first and last command, read off the list the slow way. */
function livesOf(commands: readonly Command[]): Map<PlannedBuffer, [number, number]> {
  const lives = new Map<PlannedBuffer, [number, number]>()
  commands.forEach((command, i) => {
    if (command.kind !== 'dispatch') return
    for (const { buffer: used } of command.bindings) {
      const life = lives.get(used as PlannedBuffer)
      if (life) life[1] = i
      else lives.set(used as PlannedBuffer, [i, i])
    }
  })
  return lives
}

describe('placeBuffers', () => {
  it('never lets two buffers that live at the same time share a place, and holds each', () => {
    const command = fc.array(fc.nat(9), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 1, maxLength: 30 }),
        fc.array(fc.integer({ min: 4, max: 500 }), { minLength: 10, maxLength: 10 }),
        (uses, sizes) => {
          const buffers = sizes.map((size) => buffer(size))
          const commands = uses.map((indices) => dispatch(...new Set(indices.map((i) => buffers[i]!))))
          const lives = livesOf(commands)
          const { places, lowerBoundBytes, unplannedBytes } = placeBuffers(commands, new Set())
          const total = places.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
          expect(places.flatMap(({ members }) => members).length).toBe(lives.size)
          for (const { sizeBytes, members } of places) {
            const spans = members.map((member) => lives.get(member)!).sort((a, b) => a[0] - b[0])
            spans.slice(1).forEach(([first], i) => expect(first).toBeGreaterThan(spans[i]![1]))
            for (const { size } of members) expect(size).toBeLessThanOrEqual(sizeBytes)
          }
          expect(total).toBeGreaterThanOrEqual(lowerBoundBytes)
          expect(total).toBeLessThanOrEqual(unplannedBytes)
        },
      ),
    )
  })

  it('lets a chain of equal buffers alternate between two places', () => {
    const chain = Array.from({ length: 9 }, () => buffer(64))
    const commands = chain.slice(1).map((to, i) => dispatch(to, chain[i]!))
    const { places, lowerBoundBytes } = placeBuffers(commands, new Set())
    expect(places.map(({ sizeBytes }) => sizeBytes)).toEqual([64, 64])
    expect(lowerBoundBytes).toBe(128)
  })

  it('keeps what is read after the last command, and leaves constants out', () => {
    const [result, later] = [buffer(8), buffer(8)]
    const constant = new PlannedBuffer(8, 0, true)
    const commands = [dispatch(result, constant), dispatch(later, constant)]
    expect(placeBuffers(commands, new Set()).places).toHaveLength(1)
    expect(placeBuffers(commands, new Set([result])).places).toHaveLength(2)
  })
})
