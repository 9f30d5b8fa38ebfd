import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig, StageConfig } from '../../core/runConfig.ts'
import { elementCount } from '../../core/hostTensor.ts'
import { bufferLimit, type BufferLimit } from '../backend/bufferLimit.ts'
import { scratchBytes } from '../kernels/rowChunks.ts'
import { seqLenOf } from '../models/seqLenOf.ts'
import { losses } from '../losses/registry.ts'
import { stateSpecs } from '../losses/stageMemory.ts'
import { models } from '../models/registry.ts'
import { optimizers } from '../optim/registry.ts'
import { tasks } from '../tasks/registry.ts'
import { updaterLayout } from '../optim/updaterLayout.ts'
import { layOut, pageBytes, type Layout } from '../parameters/layout.ts'
import { storedIn } from './precision.ts'
import type { DeviceInfo, SessionMemory } from './types.ts'
import { learnersOf, lossSizes, weightSpecs } from './weightSpecs.ts'

type Device = Pick<DeviceInfo, 'backend' | 'limits'>

/** What a kernel binds as one. */
export interface PlannedTensor {
  /** For people. */
  name: string
  shape: number[]
  sizeBytes: number
  kind: 'weight' | 'activation'
}

/** Bytes by kind before a run, in its most demanding stage. */
export interface MemoryPlan extends SessionMemory {
  total: number
  /** Counted from the recorded step; else estimated from shapes, where `other` is what losses keep. */
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

const bytesPerElement = 4

/** What limits a single buffer of a device; null on the CPU. */
export function limitOf({ backend, limits }: Device): BufferLimit | null {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits
  if (backend === 'cpu' || maxBufferSize === undefined || maxStorageBufferBindingSize === undefined)
    return null
  return bufferLimit({ maxBufferSize, maxStorageBufferBindingSize })
}

/** Whether a stage runs with gradient checkpointing: the same on every device. */
export function isCheckpointed(config: RunConfig, stage: StageConfig, facts: DataFacts): boolean {
  const { gradientCheckpointing } = config.memory
  if (gradientCheckpointing !== 'auto') return gradientCheckpointing === 'on'
  const { activations, workspace } = activationsOf(config, stage, { facts, isCheckpointed: false })
  const state = Object.values(stateOf(config, stage, { facts, limit: null })).reduce((sum, of) => sum + of)
  return state + activations + workspace > budgetOf(config)
}

/** What every WebGPU adapter can bind as one. */
const boundAnywhere = 128 * 2 ** 20

/**
 * Whether a stage never makes the logits of a batch as a whole, but for some rows at a time, in the loss: where they are
 * larger than 128 MiB or than an eighth of the memory budget, unless that is less than 32 MiB, the size of a part, and all its
 * losses can. The same on every device, since it decides the bits.
 */
export function areLogitsInParts(config: RunConfig, stage: StageConfig, facts: DataFacts): boolean {
  const { tokens } = tasks.get(config.task).sizes(facts, config)
  if (tokens?.head.kind !== 'tokens') return false
  if (!stage.losses.every(({ name, params }) => losses.get(name).takesLogitsInParts(params))) return false
  const rows = stage.batchSize * seqLenOf(config)
  const most = Math.max(scratchBytes, Math.min(boundAnywhere, budgetOf(config) / 8))
  return rows * tokens.vocabSize * bytesPerElement > most
}

/** The largest tensors of a stage: of the weights the largest, and of what a pass makes. */
export function largeTensors(config: RunConfig, stage: StageConfig, facts: DataFacts): PlannedTensor[] {
  const bytes = (shape: readonly number[]) => elementCount(shape) * bytesPerElement
  const weights = weightSpecs(config, facts).map(({ name, shape }): PlannedTensor => ({
    name,
    shape: [...shape],
    sizeBytes: bytes(shape),
    kind: 'weight',
  }))
  const tensors = passOf(config, stage, { facts, isCheckpointed: false })?.tensors ?? []
  return [
    weights.reduce((most, weight) => (weight.sizeBytes > most.sizeBytes ? weight : most)),
    ...tensors.map(({ name, shape }): PlannedTensor => ({
      name,
      shape: [...shape],
      sizeBytes: bytes(shape),
      kind: 'activation',
    })),
  ]
}

/**
 * Estimated bytes of a run in its most demanding stage. Weights, gradients and optimizer are exact; activations and
 * workspace are the model's estimate. Takes no memory and asks no GPU. The config must have passed `checkConfig`.
 */
export function memoryPlan(config: RunConfig, facts: DataFacts, device: Device): MemoryPlan {
  const limit = limitOf(device)
  const plans = config.stages.map((stage, stageIndex): MemoryPlan => {
    const stageIsCheckpointed = isCheckpointed(config, stage, facts)
    const parts = {
      ...stateOf(config, stage, { facts, limit }),
      ...activationsOf(config, stage, { facts, isCheckpointed: stageIsCheckpointed }),
      other: lossStateBytes(config, stage, facts),
    }
    const tensors = largeTensors(config, stage, facts)
    return {
      ...parts,
      total: Object.values(parts).reduce((sum, bytes) => sum + bytes),
      isExact: false,
      stageIndex,
      isCheckpointed: stageIsCheckpointed,
      areLogitsInParts: areLogitsInParts(config, stage, facts),
      budget: budgetOf(config),
      largest: tensors.reduce((most, tensor) => (tensor.sizeBytes > most.sizeBytes ? tensor : most)),
      limit,
    }
  })
  return plans.reduce((most, plan) => (plan.total > most.total ? plan : most))
}

/** The plan with what a session holds once the step of its stage is recorded. */
export function exactPlan(plan: MemoryPlan, memory: SessionMemory): MemoryPlan {
  const total = Object.values<number>({ ...memory }).reduce((sum, bytes) => sum + bytes)
  return { ...plan, ...memory, total, isExact: true }
}

function budgetOf({ memory }: RunConfig): number {
  return memory.budgetMegabytes * 1e6
}

/** What losses keep from step to step. */
function lossStateBytes(config: RunConfig, stage: StageConfig, facts: DataFacts): number {
  const specs = [...stateSpecs(stage, lossSizes(config, stage, facts)).values()]
  return specs.reduce((sum, { shape }) => sum + elementCount(shape) * bytesPerElement, 0)
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

interface Pass {
  facts: DataFacts
  isCheckpointed: boolean
}

function passOf(config: RunConfig, stage: StageConfig, pass: Pass) {
  const model = models.get(config.model.kind)
  const sizes = {
    ...pass,
    areLogitsInParts: areLogitsInParts(config, stage, pass.facts),
    batchSize: stage.batchSize,
    stored: storedIn(stage),
    vocabSize: pass.facts.vocabSize ?? 0,
    seqLen: model.seqLen(config.model) ?? 0,
  }
  return model.planActivations(config.model, sizes)
}

function activationsOf(
  config: RunConfig,
  stage: StageConfig,
  pass: Pass,
): Pick<SessionMemory, 'activations' | 'workspace'> {
  const { kept, scratch } = passOf(config, stage, pass) ?? { kept: 0, scratch: 0 }
  return { activations: kept * bytesPerElement, workspace: scratch * bytesPerElement }
}
