import { canonicalJson } from '../src/core/canonicalJson.ts'
import { DataError, DeviceError } from '../src/core/errors.ts'
import type { Evaluation, MeasuredPart } from '../src/core/evaluation.ts'
import type { Prepared } from '../src/core/prepared.ts'
import type { RunConfig } from '../src/core/runConfig.ts'
import { writeSafetensors } from '../src/core/safetensors/write.ts'
import { sha256Hex } from '../src/core/sha256.ts'
import { shareInterval } from '../src/core/shareInterval.ts'
import { throwIfCancelled } from '../src/data/cancel.ts'
import { defineStep, jsonCodec } from '../src/data/steps/defineStep.ts'
import { madeNode, sourceNode, stepNode, type StepNode } from '../src/data/steps/stepNode.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { metrics } from '../src/engine/evaluation/registry.ts'
import { replacedKernels } from '../src/engine/selfTest/verdicts.ts'
import { validate } from '../src/engine/training/hooks/evaluate.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { digestHex } from '../src/storage/digest.ts'
import { restore, type RunStart } from './checkpointOfRun.ts'
import { nextTurn } from './eventLoop.ts'
import { runData } from './runData.ts'

/** The settings of the run as `asked` leaves them, and what else decides. */
interface Asked extends RunConfig {
  readonly part: MeasuredPart
  readonly stageIndex: number
  /** Batches of it. */
  readonly measures: number | 'all'
  /** Version of the code: all of the engine decides the last digit. */
  readonly code: string
}

interface Inputs {
  readonly weights: RunStart
  readonly data: () => Promise<Prepared>
  readonly device: EngineDevice
}

/**
 * A stored checkpoint measured as the trainer measures: the validation part by the batches that the run took, the test part
 * whole. Throws DataError `no-test-part`, DeviceError `non-finite` and what `runData` and `createTrainSession` throw.
 */
const evaluation = defineStep<Asked, Inputs, Evaluation>({
  id: 'run/evaluation',
  title: 'Evaluation',
  version: 1,
  codec: jsonCodec(),
  async run({ config: given, inputs: { weights, data: load, device }, signal, onProgress }) {
    const { part, stageIndex, measures, code: _code, ...settings } = given
    const batches = measures === 'all' ? Infinity : measures
    const config = { ...settings, evaluation: { ...settings.evaluation, batches } }
    const data = runData(measuredBy(await load(), part), config)
    const session = createTrainSession({ device, config, facts: data.facts })
    try {
      restore(session, weights)
      const stage = config.stages[stageIndex]!
      const steps = validate({ session, config, data, stage })
      let next = await steps.next()
      while (!next.done) {
        throwIfCancelled(signal)
        if (next.value.type === 'phase') onProgress(next.value.phase.done / next.value.phase.total)
        await nextTurn()
        next = await steps.next()
      }
      const { values, items } = next.value
      checkFinite(values, weights.progress.step)
      const named = Object.entries(values).map(
        ([name, value]) => [name.slice('validation/'.length), value] as const,
      )
      const shares = named.filter(([name]) => metrics.all.some(({ id, isShare }) => id === name && isShare))
      return {
        part,
        items,
        values: Object.fromEntries(named),
        intervals: Object.fromEntries(shares.map(([name, share]) => [name, shareInterval(share, items)])),
      }
    } finally {
      session.dispose()
      device.trim()
    }
  },
})

export interface EvaluationRequest {
  /** Of the checkpoint. */
  readonly config: RunConfig
  readonly start: RunStart
  readonly part: MeasuredPart
  readonly preparedKey: string
  /** Gives what has that key; asked only where something must be computed. */
  prepared(): Promise<Prepared>
  readonly device: EngineDevice
  readonly codeVersion: string
}

/**
 * The evaluation of a checkpoint, known by all that decides it: the weights (and what losses and averages keep, but not what
 * the optimizer does), the settings, the prepared data, the part, the device with the kernels that it uses, and the code.
 */
export async function evaluationNode(request: EvaluationRequest): Promise<StepNode<Evaluation>> {
  const { config, start, part, preparedKey, device, codeVersion: code } = request
  const kept = [...(start.tensors ?? [])].filter(([name]) => !name.startsWith('optimizer.'))
  const sha256 = await digestHex(writeSafetensors(new Map(kept), {}))
  const { backend, name, vendor, architecture, device: model, description } = device.info
  const adapter = { backend, name, vendor, architecture, model, description, replaced: replacedKernels() }
  const kind = { ...evaluation, title: `Numbers of the ${part} part` }
  return stepNode(kind, {
    config: {
      ...asked(config),
      part,
      stageIndex: start.progress.stageIndex,
      measures: part === 'test' ? 'all' : config.evaluation.batches,
      code,
    },
    inputs: {
      weights: sourceNode(sha256, start),
      data: madeNode(preparedKey, request.prepared),
      device: sourceNode(sha256Hex(new TextEncoder().encode(canonicalJson(adapter))), device),
    },
  })
}

/** Without what decides nothing here: what a run and its data are called, and how a run is measured as it goes on. */
function asked(config: RunConfig): RunConfig {
  return {
    ...config,
    name: '',
    data: { ...config.data, source: { kind: 'bundled', id: '' } },
    evaluation: { ...config.evaluation, batches: 1 },
  }
}

/** The same data with the part that is asked for where the trainer looks for the validation part. */
function measuredBy(prepared: Prepared, part: MeasuredPart): Prepared {
  const chosen = prepared[part]
  if (chosen) return { ...prepared, validation: chosen }
  throw new DataError('Evaluation: the data of this run have no test part', {
    code: 'no-test-part',
    remedy:
      'Train with the split “As given” on a table or pictures that name one beside train and validation: in a column, or by files or folders called train, validation and test.',
    details: { part },
  })
}

function checkFinite(values: Readonly<Record<string, number>>, step: number): void {
  const broken = Object.entries(values).find(([, value]) => !Number.isFinite(value))
  if (broken === undefined) return
  throw new DeviceError(`Evaluation: ${broken[0]} of step ${step} is ${broken[1]}: the weights are broken`, {
    code: 'non-finite',
    remedy: 'Go back to an earlier checkpoint.',
  })
}
