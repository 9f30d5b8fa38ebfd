import { expect, it } from 'vitest'
import { medianProfile } from './medianProfile.ts'
import type { StepProfile } from './types.ts'

const profileOf = (times: [startMs: number, durationMs: number][] | null): StepProfile => ({
  dispatches:
    times &&
    times.map(([startMs, durationMs], i) => ({ label: `k${i}`, startMs, durationMs, flops: 0, bytes: 0 })),
  hostMs: 1,
  memory: { parameters: 0, gradients: 0, optimizer: 0, activations: 0, workspace: 0, other: 0 },
  unplannedBytes: 0,
  lowerBoundBytes: 0,
  peaks: null,
})

it('takes no spike for a kernel’s time, and keeps what lies between dispatches', () => {
  const steps = [
    [
      [0, 2],
      [3, 5],
    ],
    [
      [0, 107],
      [108, 4],
    ],
    [
      [0, 1],
      [2, 90],
    ],
  ] as [number, number][][]
  const { dispatches } = medianProfile(steps.map(profileOf))
  expect(dispatches!.map(({ startMs, durationMs }) => [startMs, durationMs])).toEqual([
    [0, 2],
    [3, 5],
  ])
})

it('stays without dispatches where a step cannot be timed', () => {
  expect(medianProfile([profileOf(null)]).dispatches).toBeNull()
})
