import { DataError, DeviceError } from '../src/core/errors.ts'
import type { Evaluation, MeasuredPart } from '../src/core/evaluation.ts'
import type { Prepared } from '../src/core/prepared.ts'
import { shareInterval } from '../src/core/shareInterval.ts'
import { throwIfCancelled } from '../src/data/cancel.ts'
import { defineStep, jsonCodec } from '../src/data/steps/defineStep.ts'
import { madeNode, sourceNode, stepNode, type StepNode } from '../src/data/steps/stepNode.ts'
import type { EngineDevice } from '../src/engine/backend/createDevice.ts'
import { metrics } from '../src/engine/evaluation/registry.ts'
import { validate } from '../src/engine/training/hooks/evaluate.ts'
import { createTrainSession } from '../src/engine/training/trainSession.ts'
import { restore, type RunStart } from './checkpointOfRun.ts'
import { decidedBy, type AskedCheckpoint, type Decided } from './decidedBy.ts'
import { nextTurn } from './eventLoop.ts'
import { runData } from './runData.ts'

type Asked = Decided['settings'] & {
  readonly part: MeasuredPart
  readonly stageIndex: number
  /** Batches of it. */
  readonly measures: number | 'all'
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

export interface EvaluationRequest extends AskedCheckpoint {
  readonly part: MeasuredPart
  readonly preparedKey: string
  /** Gives what has that key; asked only where something must be computed. */
  prepared(): Promise<Prepared>
}

/** The evaluation of a checkpoint, known by all that decides it: what `decidedBy` says, the prepared data and the part. */
export async function evaluationNode(request: EvaluationRequest): Promise<StepNode<Evaluation>> {
  const { config, start, part, preparedKey, device } = request
  const decided = await decidedBy(request)
  const kind = { ...evaluation, title: `Numbers of the ${part} part` }
  return stepNode(kind, {
    config: {
      ...decided.settings,
      part,
      stageIndex: start.progress.stageIndex,
      measures: part === 'test' ? 'all' : config.evaluation.batches,
    },
    inputs: {
      weights: sourceNode(decided.weights, start),
      data: madeNode(preparedKey, request.prepared),
      device: sourceNode(decided.device, device),
    },
  })
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
