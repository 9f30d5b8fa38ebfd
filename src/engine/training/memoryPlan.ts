import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { elementCount } from '../../core/hostTensor.ts'
import { bufferLimit, type BufferLimit } from '../backend/bufferLimit.ts'
import { models } from '../models/registry.ts'
import { optimizers } from '../optim/registry.ts'
import { updaterLayout } from '../optim/updaterLayout.ts'
import { layOut, pageBytes, type Layout } from '../parameters/layout.ts'
import { areLogitsInParts, scoredTokens } from './logitsInParts.ts'
import { recordedMemory, type RecordedMemory } from './recordedMemory.ts'
import type { DeviceInfo, SessionMemory } from './types.ts'
import { learnersOf, weightSpecs } from './weightSpecs.ts'

/** What a kernel binds as one. */
export interface PlannedTensor {
  /** For people. */
  name: string
  shape: readonly number[]
  sizeBytes: number
  kind: 'weight' | 'activation'
}

/** Bytes by kind before a run, in its most demanding stage. */
export interface MemoryPlan extends SessionMemory {
  total: number
  /** Counted in a recording by this device's kernels; else by a graphics card's, or drawn from smaller batches. */
  isExact: boolean
  stageIndex: number
  /** That stage runs with gradient checkpointing. */
  isCheckpointed: boolean
  /** The logits of that stage's batches are made for some rows at a time. */
  areLogitsInParts: boolean
  /** What the configuration says that a plan should stay below. */
  budget: number
  largest: PlannedTensor
  /** What the adapter allows for one buffer; null on the CPU. */
  limit: BufferLimit | null
}

/** What a plan depends on besides the configuration. */
export interface PlanFor {
  readonly facts: DataFacts
  readonly device: DeviceInfo
}

const bytesPerElement = 4

/** What limits a single buffer of a device; null on the CPU. */
export function limitOf({ backend, limits }: Pick<DeviceInfo, 'backend' | 'limits'>): BufferLimit | null {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits
  if (backend === 'cpu' || maxBufferSize === undefined || maxStorageBufferBindingSize === undefined)
    return null
  return bufferLimit({ maxBufferSize, maxStorageBufferBindingSize })
}

/**
 * Whether a stage runs with gradient checkpointing: where asked, or where it would take more than the budget without it on
 * this device. Another one may decide otherwise, since the bits are the same.
 */
export function isCheckpointed(config: RunConfig, stageIndex: number, { facts, device }: PlanFor): boolean {
  const { gradientCheckpointing } = config.memory
  if (!models.get(config.model.kind).hasBlocks) return false
  if (gradientCheckpointing !== 'auto') return gradientCheckpointing === 'on'
  const plain = recordedMemory(config, stageIndex, { facts, device, isCheckpointed: false })
  const parts = {
    ...stateOf(config, config.stages[stageIndex]!, { facts, limit: limitOf(device) }),
    ...bytesOf(plain),
  }
  return totalOf(parts) > budgetOf(config)
}

/** The largest of the weights. */
export function largestWeight(config: RunConfig, facts: DataFacts): PlannedTensor {
  const weights = weightSpecs(config, facts).map(({ name, shape }): PlannedTensor => ({
    name,
    shape,
    sizeBytes: elementCount(shape) * bytesPerElement,
    kind: 'weight',
  }))
  return weights.reduce(larger)
}

/** The largest of the weights and of what an update of a stage makes. */
export function largestTensor(config: RunConfig, stageIndex: number, planFor: PlanFor): PlannedTensor {
  const { largest } = stepOf(config, stageIndex, planFor)
  const weight = largestWeight(config, planFor.facts)
  if (largest === null) return weight
  const { sizeBytes, program } = largest
  const shape = largest.shape ?? [sizeBytes / bytesPerElement]
  const isOfTokens = shape.length === 2 && shape[1] === scoredTokens(config, planFor.facts)
  const name = isOfTokens ? 'logits' : program === null ? 'a copy' : `what “${program}” makes`
  return larger(weight, { name, shape, sizeBytes, kind: 'activation' })
}

/**
 * Bytes of a run in its most demanding stage. Takes no memory of the device and asks nothing of it. The config must have
 * passed `checkConfig`.
 */
export function memoryPlan(config: RunConfig, facts: DataFacts, device: DeviceInfo): MemoryPlan {
  const limit = limitOf(device)
  const planFor = { facts, device }
  const plans = config.stages.map((stage, stageIndex): MemoryPlan => {
    const step = stepOf(config, stageIndex, planFor)
    const parts = { ...stateOf(config, stage, { facts, limit }), ...bytesOf(step) }
    return {
      ...parts,
      total: totalOf(parts),
      isExact: limit !== null && step.isExact,
      stageIndex,
      isCheckpointed: isCheckpointed(config, stageIndex, planFor),
      areLogitsInParts: areLogitsInParts(config, stage, facts),
      budget: budgetOf(config),
      largest: largestTensor(config, stageIndex, planFor),
      limit,
    }
  })
  return plans.reduce((most, plan) => (plan.total > most.total ? plan : most))
}

/** The update of a stage, with gradient checkpointing where it has it. */
function stepOf(config: RunConfig, stageIndex: number, planFor: PlanFor): RecordedMemory {
  return recordedMemory(config, stageIndex, {
    ...planFor,
    isCheckpointed: isCheckpointed(config, stageIndex, planFor),
  })
}

function bytesOf({ activations, workspace, other }: RecordedMemory) {
  return { activations, workspace, other }
}

function totalOf(parts: SessionMemory): number {
  return Object.values<number>({ ...parts }).reduce((sum, bytes) => sum + bytes, 0)
}

function larger(one: PlannedTensor, other: PlannedTensor): PlannedTensor {
  return other.sizeBytes > one.sizeBytes ? other : one
}

function budgetOf({ memory }: RunConfig): number {
  return memory.budgetMegabytes * 1e6
}

/** What lasts from step to step, with the gaps of flat buffers where there is a GPU. */
function stateOf(
  config: RunConfig,
  stage: StageConfig,
  { facts, limit }: { facts: DataFacts; limit: BufferLimit | null },
): Pick<SessionMemory, 'parameters' | 'gradients' | 'optimizer'> {
  const specs = weightSpecs(config, facts)
  // When all that ever learns does.
  const learners = learnersOf(stage, specs, { step: Infinity, towers: [] }).map(({ spec }) => spec)
  const sum = (sizes: number[]) => sizes.reduce((total, bytes) => total + bytes, 0)
  const mostElements = limit === null ? Infinity : Math.floor(limit.bytes / bytesPerElement)
  const bytesOf = (layout: Layout): number =>
    limit === null
      ? sum([...layout.places.values()].map(({ length }) => length * bytesPerElement))
      : sum(pageBytes(layout))
  const all = layOut(specs, mostElements)
  const optimizer = optimizers.get(stage.optimizer.kind)
  const { gradients, slots } = updaterLayout(optimizer, stage.optimizer, learners, {
    mostElements,
    pageOf: (name) => all.places.get(name)!.page,
  })
  return {
    parameters: bytesOf(all),
    gradients: bytesOf(gradients) * (stage.accumulationSteps > 1 ? 2 : 1),
    optimizer: sum([...slots.values(), ...(stage.weightAverage.isEnabled ? [all] : [])].map(bytesOf)),
  }
}
