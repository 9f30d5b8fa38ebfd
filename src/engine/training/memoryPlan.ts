import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { elementCount } from '../../core/hostTensor.ts'
import { models } from '../models/registry.ts'
import { treatmentOf } from '../optim/components.ts'
import { optimizers } from '../optim/registry.ts'
import type { DeviceInfo } from './types.ts'

/** Bytes by kind, before a run. */
export interface MemoryPlan {
  parameters: number
  gradients: number
  optimizer: number
  activations: number
  workspace: number
  total: number
  /** Largest single buffer, against `largestAllowed`. */
  largestBuffer: number
  /** What the adapter allows for one buffer; null on the CPU. */
  largestAllowed: number | null
}

const bytesPerElement = 4

function planStage(config: RunConfig, stage: StageConfig, vocabSize: number) {
  const model = models.get(config.model.kind)
  const specs = model.parameters(config.model, vocabSize)
  const count = (list: typeof specs) =>
    list.reduce((sum, { shape }) => sum + elementCount(shape), 0) * bytesPerElement
  const learning = count(specs.filter(({ name }) => !treatmentOf(stage.components, name).isFrozen))
  const sizes = { vocabSize, batchSize: stage.batchSize, seqLen: model.seqLen(config.model) }
  const { kept, scratch, largest } = model.planActivations(config.model, sizes)
  const parts = {
    parameters: count(specs),
    gradients: stage.accumulationSteps > 1 ? 2 * learning : learning,
    optimizer: optimizers.get(stage.optimizer.kind).slots(stage.optimizer).length * learning,
    activations: kept * bytesPerElement,
    workspace: scratch * bytesPerElement,
  }
  const total = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)
  const largestWeight = Math.max(...specs.map(({ shape }) => elementCount(shape)))
  return { ...parts, total, largestBuffer: Math.max(largestWeight, largest) * bytesPerElement }
}

/** Whether a stage runs with gradient checkpointing: the same on every device. */
export function isCheckpointed(config: RunConfig, stage: StageConfig, vocabSize: number): boolean {
  const { gradientCheckpointing, budgetMegabytes } = config.memory
  if (gradientCheckpointing !== 'auto') return gradientCheckpointing === 'on'
  return planStage(config, stage, vocabSize).total > budgetMegabytes * 1e6
}

/**
 * Estimated bytes of a run in its most demanding stage. Weights, gradients and optimizer are exact; activations and
 * workspace are the model's estimate. The config must have passed `checkConfig`.
 */
export function memoryPlan(
  config: RunConfig,
  vocabSize: number,
  { backend, limits }: Pick<DeviceInfo, 'backend' | 'limits'>,
): MemoryPlan {
  const stages = config.stages.map((stage) => planStage(config, stage, vocabSize))
  const largestStage = stages.reduce((most, plan) => (plan.total > most.total ? plan : most))
  const bounds = [limits['maxStorageBufferBindingSize'], limits['maxBufferSize']].filter(
    (bound) => bound !== undefined,
  )
  return {
    ...largestStage,
    largestAllowed: backend === 'cpu' || bounds.length === 0 ? null : Math.min(...bounds),
  }
}
