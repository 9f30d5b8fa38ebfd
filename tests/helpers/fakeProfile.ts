import type { StepProfile } from '../../workers/protocol.ts'

/** Label, microseconds, operations, bytes: a small step, with a gap of 10 µs after every dispatch. */
const parts: readonly (readonly [string, number, number, number])[] = [
  ['lookUp 64 64', 20, 0, 171_008],
  ['normForward true 64 0.00001 true true true', 12, 0, 266_752],
  ['matmul 512 192 64 false false true 4 4 16 4', 150, 12_582_912, 574_208],
  ['attention 64 4 16 true 1', 400, 0, 540_696],
  ['matmul 512 64 64 false false true 4 4 16 4', 60, 4_194_304, 278_784],
  ['BinaryOpProgram', 13, 0, 393_272],
  ['logitsGradient 84 0 -1', 52, 0, 350_216],
  ['normBackward true 64 true true true false', 13, 0, 463_104],
  ['attention query gradient 64 4 16 true 1', 700, 0, 1_073_176],
  ['attention key value gradient 64 4 16 true 1', 650, 0, 942_104],
  ['columnSum 64', 6, 0, 139_264],
  ['flatUpdate adamW decoupled false 27648 9', 59, 0, 1_776_536],
]

export function fakeProfile(change: Partial<StepProfile> = {}): StepProfile {
  let reachedUs = 0
  const dispatches = parts.map(([label, us, flops, bytes]) => {
    const startMs = reachedUs / 1000
    reachedUs += us + 10
    return { label, startMs, durationMs: us / 1000, flops, bytes }
  })
  return {
    dispatches,
    submits: 1,
    hostMs: 0.42,
    memory: {
      parameters: 442_368,
      gradients: 442_368,
      optimizer: 884_736,
      activations: 4_100_000,
      workspace: 1_128_036,
      other: 9216,
    },
    unplannedBytes: 12_107_844,
    lowerBoundBytes: 5_116_932,
    peaks: { flopsPerSecond: 200e9, bytesPerSecond: 20e9 },
    ...change,
  }
}
