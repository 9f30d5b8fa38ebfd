import { canonicalJson } from '../../core/canonicalJson.ts'
import type { DataFacts } from '../../core/dataFacts.ts'
import type { RunConfig } from '../../core/runConfig.ts'
import { LabBackend } from '../backend/labBackend.ts'
import { whilePlanning } from '../backend/planningBackend.ts'
import { backend as currentBackend } from '../backend/tfjs.ts'
import { stepBytes, type LargestBuffer } from '../graph/placement.ts'
import { switchedOffKernels, switchOffKernels } from '../kernels/mode.ts'
import { partsOfLogits } from './logitsInParts.ts'
import { models } from '../models/registry.ts'
import { tasks } from '../tasks/registry.ts'
import { Functions } from './functions.ts'
import { createStage, createWeights, type SessionState } from './trainSessionState.ts'
import type { DeviceInfo, SessionMemory } from './types.ts'
import { weightSpecs } from './weightSpecs.ts'

/** What a recorded update takes beside weights, gradients and optimizer, in bytes. */
export interface RecordedMemory extends Pick<SessionMemory, 'activations' | 'workspace' | 'other'> {
  /** Of the buffers that live within it; null where there are none. */
  readonly largest: LargestBuffer | null
  /** Counted, and not drawn on from smaller batches. */
  readonly isExact: boolean
}

export interface PlannedStep {
  readonly facts: DataFacts
  /** Whose kernels it would be made by. */
  readonly device: DeviceInfo
  readonly isCheckpointed: boolean
}

/** A page asks again with every edit, for stages that it left as they were, and a session asks what the page asked. */
const mostKept = 32
const known = new Map<string, RecordedMemory>()

/**
 * Records an update of a stage on a device that stores nothing and runs nothing, and counts: the truth of whatever model,
 * task, losses and optimizer there are, which formulas would have to follow. Some hundredths of a second.
 */
export function recordedMemory(config: RunConfig, stageIndex: number, step: PlannedStep): RecordedMemory {
  const backend = currentBackend()
  const wrong = backend instanceof LabBackend ? [...switchedOffKernels(backend)] : []
  const { facts, device, isCheckpointed } = step
  const { isSoftware, limits, features, name } = device
  const of = { isSoftware, limits, features, name }
  const key = canonicalJson([config, stageIndex, facts, of, isCheckpointed, wrong])
  const memory = known.get(key) ?? countOrDraw(config, stageIndex, { ...step, wrong })
  known.delete(key)
  known.set(key, memory)
  if (known.size > mostKept) known.delete(known.keys().next().value!)
  return memory
}

interface Recorded extends PlannedStep {
  /** Kernels that are switched off. */
  readonly wrong: readonly string[]
}

/** Parts of logits are recorded one by one: a page must not wait for thousands of them. */
const mostParts = 96

/** Where a batch has too many parts of logits it is drawn from smaller ones on a line: sequences do not meet each other. */
function countOrDraw(config: RunConfig, stageIndex: number, step: Recorded): RecordedMemory {
  const stage = config.stages[stageIndex]!
  const parts = partsOfLogits(config, stage, step.facts)
  if (parts <= mostParts) return record(config, stageIndex, step)
  const withBatch = (batchSize: number): RecordedMemory => {
    const stages = config.stages.with(stageIndex, { ...stage, batchSize })
    return record({ ...config, stages }, stageIndex, step)
  }
  const [low, high] = [1, 2].map((n) =>
    Math.max(n, Math.floor((n * mostParts * stage.batchSize) / (2 * parts))),
  )
  const [less, more] = [withBatch(low!), withBatch(high!)]
  const share = (stage.batchSize - high!) / (high! - low!)
  const drawn = (from: number, to: number): number => Math.round(to + (to - from) * share)
  const { largest } = more
  return {
    activations: drawn(less.activations, more.activations),
    workspace: drawn(less.workspace, more.workspace),
    other: drawn(less.other, more.other),
    largest: largest && {
      ...largest,
      sizeBytes: drawn(less.largest!.sizeBytes, largest.sizeBytes),
      shape: null,
    },
    isExact: false,
  }
}

/** Where the twin of a kernel that is switched off needs the host, the kernel's own step has to stand for it. */
function record(config: RunConfig, stageIndex: number, step: Recorded): RecordedMemory {
  const found = recordWith(config, stageIndex, step)
  if (found !== null) return found
  const fused = step.wrong.length > 0 ? recordWith(config, stageIndex, { ...step, wrong: [] }) : null
  return { ...(fused ?? nothing), isExact: false }
}

/** Of a step that cannot be recorded. */
const nothing = { activations: 0, workspace: 0, other: 0, largest: null }

/** null where the step cannot be recorded. */
function recordWith(
  config: RunConfig,
  stageIndex: number,
  { facts, device, isCheckpointed, wrong }: Recorded,
): RecordedMemory | null {
  return whilePlanning(device, (planning, backend) => {
    switchOffKernels(backend, wrong)
    const specs = weightSpecs(config, facts)
    const weights = createWeights(specs, config.seed)
    // When all that ever learns does.
    const phaseStart = Infinity
    const stage = createStage(
      config,
      stageIndex,
      { specs, weights, facts },
      { isCheckpointed: () => isCheckpointed, phaseStart },
    )
    const task = tasks.get(config.task)
    const state: SessionState = {
      device: planning,
      config,
      facts,
      model: models.get(config.model.kind),
      task,
      arraySpecs: task.arrays(facts, config),
      specs,
      weights,
      stage,
      matmulChoices: {},
    }
    const functions = new Functions(state, false)
    try {
      const placement = functions.planStep()
      if (placement === null) return null
      const other = functions.otherBytes + stage.lossStates.sizeBytes
      return { ...stepBytes(placement), other, largest: placement.largest, isExact: true }
    } finally {
      functions.dispose()
      stage.dispose()
      weights.dispose()
    }
  })
}
