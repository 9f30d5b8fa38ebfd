import type { DataFacts } from '../src/core/dataFacts.ts'
import { DataError } from '../src/core/errors.ts'
import type { HostTensor, NamedTensors } from '../src/core/hostTensor.ts'
import { invalidConfig, type RunConfig } from '../src/core/runConfig.ts'
import { toFloat32 } from '../src/core/toFloat32.ts'
import { checkFacts } from '../src/engine/tasks/checkFacts.ts'
import { hasTokenizerFile } from '../src/data/tokenizerFile.ts'
import { tasks } from '../src/engine/tasks/registry.ts'
import { phaseStart } from '../src/engine/optim/components.ts'
import { checkConfig } from '../src/engine/tasks/checkConfig.ts'
import { withoutNeighbours } from '../src/engine/training/neighbours.ts'
import { stateShapes } from '../src/engine/training/stateShapes.ts'
import type { Checkpoint } from '../src/storage/checkpoint.ts'
import { codingOf } from './checkpointCoding.ts'

type Shapes = ReadonlyMap<string, readonly number[]>

/**
 * Whether a run can go on from a checkpoint, told before anything of it is stored: the settings go together, the
 * tokenizer is theirs, every weight is there in its shape, there is nothing that nobody knows, and the weights are
 * finite floating-point numbers. What the optimizer had may be missing.
 *
 * @param name of the file, for messages
 * @throws ConfigError `invalid-config`; DataError `checkpoint-invalid`, `weights-mismatch`, `weights-not-finite`
 */
export function checkImport(name: string, config: RunConfig, checkpoint: Checkpoint): void {
  const issues = checkConfig(config)
  if (issues.length > 0) throw invalidConfig(issues)
  if (tasks.get(config.task).dataKinds.includes('text')) requireTokenizer(name, config, checkpoint)
  const { facts } = codingOf(checkpoint)
  checkFacts(config, facts)
  const shapes = shapesOf(config, checkpoint, facts)
  const { tensors } = withoutNeighbours(checkpoint.tensors)
  const problems = [
    ...[...shapes.weights].flatMap(([weight, shape]) =>
      tensors.has(weight) ? [] : [`${weight} must be [${shape.join(', ')}], got none`],
    ),
    ...[...tensors].flatMap(([given, tensor]) => misfit(given, tensor, shapes) ?? []),
  ]
  if (problems.length > 0) {
    throw new DataError(
      `${name}: ${problems.length} tensors do not fit the model in its configuration: ${problems.slice(0, 3).join('; ')}`,
      { code: 'weights-mismatch', remedy: 'The file is damaged or was edited. Nothing was stored.' },
    )
  }
  checkFinite(name, tensors, shapes.weights)
}

function requireTokenizer(name: string, config: RunConfig, { tokenizer }: Checkpoint): void {
  const wanted = config.data.tokenizer.kind
  if (tokenizer?.kind === wanted) return
  if (wanted === 'file' && tokenizer !== null && hasTokenizerFile(tokenizer)) return
  const got = tokenizer === null ? 'none' : `“${tokenizer.kind.slice(0, 40)}”`
  throw damaged(`${name}: its tokenizer must be its configuration's, “${wanted}”, got ${got}`, 'tokenizer')
}

function damaged(message: string, field: string): DataError {
  return new DataError(`${message}; nothing was stored`, {
    code: 'checkpoint-invalid',
    remedy: 'The file is damaged: take another copy of it.',
    details: { field },
  })
}

/** Of the weights, and of all that a checkpoint of this stage may hold. */
function shapesOf(
  config: RunConfig,
  { stage, cursor }: Checkpoint,
  facts: DataFacts,
): ReturnType<typeof stateShapes> {
  const ofStage = config.stages[stage]
  if (ofStage === undefined)
    throw damaged(`stage must be below ${config.stages.length}, got ${stage}`, 'stage')
  const { stageStep } = cursor as { stageStep?: unknown }
  const last = typeof stageStep === 'number' ? Math.max(0, stageStep - 1) : 0
  return stateShapes(config, ofStage, facts, phaseStart(ofStage.components, last))
}

function misfit(
  given: string,
  { shape, dtype }: HostTensor,
  { all, integers }: ReturnType<typeof stateShapes>,
): string | null {
  const wanted = all.get(given)
  if (wanted === undefined) return `${JSON.stringify(given.slice(0, 80))} is not a tensor of this model`
  if (shape.join() !== wanted.join())
    return `${given} must be [${wanted.join(', ')}], got [${shape.slice(0, 8).join(', ')}]`
  const isFitting = integers.has(given) ? dtype === 'int32' : dtype.includes('float')
  const kind = integers.has(given) ? 'whole numbers of 32 bits' : 'floating-point numbers'
  return isFitting ? null : `${given} must hold ${kind}, got ${dtype}`
}

function checkFinite(name: string, tensors: NamedTensors, weights: Shapes): void {
  for (const weight of weights.keys()) {
    const values = toFloat32(tensors.get(weight)!)
    const at = values.findIndex((value) => !Number.isFinite(value))
    if (at === -1) continue
    throw new DataError(
      `${name}: weights must be finite, got ${values[at]} at number ${at} of ${weight}; nothing was stored`,
      {
        code: 'weights-not-finite',
        remedy: 'The run that saved it had diverged, or the file is damaged: take an earlier checkpoint.',
        details: { tensor: weight, index: at },
      },
    )
  }
}
