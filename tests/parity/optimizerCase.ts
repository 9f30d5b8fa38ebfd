import { defaultsOf, type ConfigValue } from '../../src/core/schema.ts'
import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import type { ParameterSpec } from '../../src/engine/nn/parameter.ts'
import { optimizers } from '../../src/engine/optim/registry.ts'
import { Updater } from '../../src/engine/optim/updater.ts'
import { layOut, pageLimit } from '../../src/engine/parameters/layout.ts'
import { createTensorStore } from '../../src/engine/parameters/tensorStore.ts'
import { applyGradients } from '../helpers/optimizers.ts'
import type { KindContext } from './defineKind.ts'
import type { GoldenCase } from './goldenCase.ts'
import { asTensor, toDevice, type GoldenTensor } from './goldenTensor.ts'
import { asNumbers, asRecord, type Json } from './json.ts'
import { Ledger } from './ledger.ts'
import { Unsupported } from './unsupported.ts'

/** Our optimizer with the settings of a case; `learningRate` among them. */
export interface OptimizerChoice {
  readonly id: string
  readonly params: { readonly [name: string]: ConfigValue } & { readonly learningRate: number }
}

/** Parameters under training by our optimizer. */
interface Trained {
  readonly variables: ReadonlyMap<string, tf.Variable>
  /** Takes one gradient for each parameter. */
  step(gradients: ReadonlyMap<string, tf.Tensor>): void
  dispose(): void
}

/**
 * The two parts of an optimizer's file: `problem`, a small network that is trained, and `replay`, given gradients. Each
 * case states the parameters after every step.
 */
export async function checkOptimizer(
  golden: GoldenCase,
  context: KindContext,
  choice: OptimizerChoice,
): Promise<void> {
  await context.device()
  const { file } = context
  const [problem, replay] = ['problem', 'replay'].map((part) => golden.expected.takeIfThere(part))
  const [ofProblem, ofReplay] = ['problem', 'replay'].map((part) => file.takeIfThere(part))
  if (problem !== undefined) {
    const expected = new Ledger(asRecord(problem, 'expected.problem'), 'expected.problem')
    await checkProblem(golden, fieldsOf(ofProblem, 'problem'), { expected, choice })
    expected.refuseUntouched()
  }
  if (replay !== undefined) {
    const expected = new Ledger(asRecord(replay, 'expected.replay'), 'expected.replay')
    await checkReplay(golden, fieldsOf(ofReplay, 'replay'), { expected, choice })
    expected.refuseUntouched()
  }
}

/** A part that the cases of a file share. */
function fieldsOf(part: Json | undefined, name: string): Ledger {
  return new Ledger(asRecord(part, name), name, ['definition'])
}

function train(
  { id, params }: OptimizerChoice,
  init: ReadonlyMap<string, GoldenTensor>,
  isAscent: boolean,
): Trained {
  const optimizer = optimizers.get(id)
  const settings = { ...defaultsOf(optimizer.fields), ...params }
  const specs = [...init].map(([name, { shape }]): ParameterSpec => {
    const kind = shape.length > 1 ? 'matrix' : 'vector'
    return { name, shape, kind, init: { kind: 'constant', value: 0 } }
  })
  const weights = createTensorStore(layOut(specs, pageLimit()), 'weights')
  for (const [name, { values }] of init) weights.write(name, Float32Array.from(values))
  const learners = specs.map((spec) => ({ spec, learningRateMultiplier: 1, weightDecay: null }))
  const updater = new Updater({ optimizer, params: settings, learners, weights })
  let step = 0
  return {
    variables: weights.variables,
    step(gradients) {
      const moment = { learningRate: params.learningRate, step: ++step }
      // torch's `maximize` descends along the negative gradients.
      tf.tidy(() => {
        const given = specs.map(({ name }) => gradients.get(name)!)
        applyGradients(updater, isAscent ? given.map((gradient) => tf.neg(gradient)) : given, moment)
      })
      // The tensors are views, whose values tfjs keeps on the host once they were read.
      const backend = tf.backend()
      if (backend instanceof LabBackend) weights.variables.forEach((weight) => backend.forgetHostCopy(weight))
    },
    dispose() {
      updater.dispose()
      weights.dispose()
    },
  }
}

interface Part {
  readonly expected: Ledger
  readonly choice: OptimizerChoice
}

/** loss = mean((tanh(X W1 + b1) W2 - Y)^2) */
async function checkProblem(golden: GoldenCase, problem: Ledger, { expected, choice }: Part): Promise<void> {
  const init = asRecord(problem.take('init'), 'problem.init')
  const names = Object.keys(init)
  if (names.join() !== 'W1,b1,W2')
    throw new Unsupported(`problem.init has ${names.join(', ')} instead of W1, b1, W2`)
  const [x, y] = ['X', 'Y'].map((name) => toDevice(asTensor(problem.take(name), `problem.${name}`))) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ]
  const trained = train(
    choice,
    new Map(names.map((name) => [name, asTensor(init[name], `problem.init.${name}`)])),
    golden.flag('maximize', false),
  )
  const [w1, b1, w2] = [...trained.variables.values()] as [tf.Variable, tf.Variable, tf.Variable]
  const loss = (): tf.Scalar => {
    const hidden = tf.tanh(tf.add(tf.matMul(x, w1 as tf.Variable<tf.Rank.R2>), b1)) as tf.Tensor2D
    return tf.mean(tf.square(tf.sub(tf.matMul(hidden, w2 as tf.Variable<tf.Rank.R2>), y)))
  }
  const wanted = new Ledger(
    asRecord(expected.take('params_after_step'), 'params_after_step'),
    'params_after_step',
  )
  const after = new Map(names.map((name) => [name, asTensor(wanted.take(name), `params_after_step.${name}`)]))
  wanted.refuseUntouched()
  problem.refuseUntouched()
  const losses: number[] = []
  const abs = golden.tolerance('problem_params_abs')
  for (let step = 0; step < after.get('W1')!.shape[0]!; step++) {
    const { value, grads } = tf.variableGrads(loss, [w1, b1, w2])
    trained.step(new Map([...trained.variables].map(([name, variable]) => [name, grads[variable.name]!])))
    losses.push((await value.data())[0]!)
    tf.dispose([value, ...Object.values(grads)])
    await compareStep(golden, trained, { after, step, what: 'problem', abs })
  }
  if (expected.has('loss_before_step')) {
    const stated = asNumbers(expected.take('loss_before_step'), 'loss_before_step')
    golden.comparison.close('problem loss before step', losses, stated, {
      abs,
      rel: leastRelativeLossTolerance,
    })
  }
  trained.dispose()
  tf.dispose([x, y])
}

/** goldens/README.md: tolerances are at least this for losses; these files state one for parameters only. */
const leastRelativeLossTolerance = 1e-5

async function checkReplay(golden: GoldenCase, replay: Ledger, { expected, choice }: Part): Promise<void> {
  const gradients = asTensor(replay.take('gradients'), 'replay.gradients')
  const [steps, ...shape] = gradients.shape as [number, ...number[]]
  const size = gradients.values.length / steps
  const trained = train(
    choice,
    new Map([['parameter', asTensor(replay.take('init'), 'replay.init')]]),
    golden.flag('maximize', false),
  )
  const after = new Map([['parameter', asTensor(expected.take('params_after_step'), 'params_after_step')]])
  replay.refuseUntouched()
  const abs = golden.tolerance('replay_params_abs')
  for (let step = 0; step < steps; step++) {
    const values = gradients.values.slice(step * size, (step + 1) * size)
    const gradient = toDevice({ dtype: 'float32', shape, values })
    trained.step(new Map([['parameter', gradient]]))
    gradient.dispose()
    await compareStep(golden, trained, { after, step, what: 'replay', abs })
  }
  trained.dispose()
}

/** As the second part, for an optimizer of matrices: init and gradients are the case's inputs, in torch's [out, in]. */
export async function checkMatrixReplay(
  golden: GoldenCase,
  context: KindContext,
  choice: OptimizerChoice,
): Promise<void> {
  await context.device()
  const gradients = golden.input('gradients')
  const [steps, rows, columns] = gradients.shape as [number, number, number]
  const size = rows * columns
  const part = ({ values }: GoldenTensor, step: number) => values.slice(step * size, (step + 1) * size)
  const turned = (values: ArrayLike<number>, out: number, width: number): number[] =>
    Array.from({ length: size }, (_, i) => values[(i % out) * width + Math.floor(i / out)]!)
  const init = golden.input('init')
  const trained = train(
    choice,
    new Map([
      ['parameter', { dtype: 'float32', shape: [columns, rows], values: turned(init.values, rows, columns) }],
    ]),
    golden.flag('maximize', false),
  )
  const expected = asTensor(golden.expected.take('params_after_step'), 'expected.params_after_step')
  const abs = golden.tolerance('replay_params_abs')
  for (let step = 0; step < steps; step++) {
    const values = turned(part(gradients, step), rows, columns)
    const gradient = toDevice({ dtype: 'float32', shape: [columns, rows], values })
    trained.step(new Map([['parameter', gradient]]))
    gradient.dispose()
    const found = turned(await trained.variables.get('parameter')!.data(), columns, rows)
    golden.comparison.close(`parameter after step ${step + 1}`, found, part(expected, step), { abs, rel: 0 })
  }
  trained.dispose()
}

async function compareStep(
  { comparison }: GoldenCase,
  { variables }: Trained,
  expected: { after: ReadonlyMap<string, GoldenTensor>; step: number; what: string; abs: number },
): Promise<void> {
  const { after, step, what, abs } = expected
  for (const [name, variable] of variables) {
    const wanted = after.get(name)!.values.slice(step * variable.size, (step + 1) * variable.size)
    comparison.close(`${what} ${name} after step ${step + 1}`, await variable.data(), wanted, { abs, rel: 0 })
  }
}
