import type { MemoryPlan } from '../../workers/protocol.ts'

/** A run that takes 36 MB of a budget of 40. */
export const fakePlan: MemoryPlan = {
  parameters: 4e6,
  gradients: 4e6,
  optimizer: 8e6,
  activations: 20e6,
  workspace: 0,
  other: 0,
  total: 36e6,
  isExact: false,
  stageIndex: 0,
  isCheckpointed: false,
  areLogitsInParts: false,
  budget: 40e6,
  largest: { name: 'logits', shape: [512, 1000], sizeBytes: 2_048_000, kind: 'activation' },
  limit: { name: 'maxStorageBufferBindingSize', bytes: 128e6 },
}
