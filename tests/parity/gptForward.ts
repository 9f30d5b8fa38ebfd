import { greedy as takesLikeliest } from '../../src/core/sampling.ts'
import { Generator } from '../../src/core/rng.ts'
import type { NamedTensors } from '../../src/core/hostTensor.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import { generate } from '../../src/engine/generation/generate.ts'
import { weightedSum } from '../../src/engine/losses/weightedSum.ts'
import gpt from '../../src/engine/models/gpt.ts'
import { logitsOf, plainPass } from '../../src/engine/models/modelInputs.ts'
import type { TrainSession } from '../../src/engine/training/trainSession.ts'
import { tokensOfBatch } from '../helpers/tokenBatch.ts'
import { withSession, type GptRun } from './gptCase.ts'
import type { WeightFile } from './gptWeights.ts'
import { asTensor } from './goldenTensor.ts'
import { asNumber, asNumbers, asRecord } from './json.ts'
import { Ledger } from './ledger.ts'
import { Unsupported } from './unsupported.ts'

/** Logits of all positions, the loss, and the gradient of every weight. */
export async function checkForward(run: GptRun): Promise<void> {
  const { golden } = run
  await withSession(run, { weights: run.weights, stage: {} }, async (session) => {
    const { logits, loss, gradients } = await computeForward(run, session)
    golden.compare('logits', logits, { abs: golden.tolerance('logits_abs'), rel: 0 })
    const wanted = asNumber(golden.expected.take('loss'), 'expected.loss')
    const close = { abs: golden.tolerance('loss_abs'), rel: 0 }
    golden.comparison.number('loss', loss, wanted, close)
    golden.comparison.number('loss of the session', (await session.evaluate(run.batch)).loss, wanted, close)
    if (!golden.expected.has('gradients')) return
    const expected = new Ledger(asRecord(golden.expected.take('gradients'), 'gradients'), 'gradients')
    const abs = golden.tolerance('gradients_abs')
    for (const name of expected.names) {
      const found = gradients.get(name)
      if (found === undefined) throw new Unsupported(`the engine's model has no weight ${name}`)
      const { values } = asTensor(expected.take(name), expected.where(name))
      golden.comparison.close(`gradient of ${name}`, found, values, { abs, rel: 0 })
    }
  })
}

async function computeForward({ batch }: GptRun, session: TrainSession) {
  const { model } = session.config
  const weights = variablesOf(await session.exportState())
  const { batchSize, seqLen, ...own } = tokensOfBatch(batch)
  const [ids, targets] = [tf.tensor1d(own.ids, 'int32'), tf.tensor1d(own.targets, 'int32')]
  const forward = () =>
    logitsOf(
      gpt.forward(
        model,
        weights,
        { tokens: { ids, batchSize, seqLen, mask: null, onlyRow: null } },
        plainPass,
      ),
    )
  const logits = forward()
  const { losses } = session.config.stages[0]!
  const { value, grads } = tf.variableGrads(
    () => weightedSum(losses, { classes: { logits: forward(), targets } }).total,
    [...weights.values()],
  )
  const found = await Promise.all(
    [...weights].map(
      async ([name, variable]) => [name, await grads[variable.name]!.data<'float32'>()] as const,
    ),
  )
  const result = {
    logits: await logits.data<'float32'>(),
    loss: (await value.data())[0]!,
    gradients: new Map(found),
  }
  tf.dispose([ids, targets, logits, value, ...Object.values(grads), ...weights.values()])
  return result
}

function variablesOf(state: NamedTensors): Map<string, tf.Variable> {
  const weights = [...state].filter(([name]) => !/^(optimizer|loss)\./.test(name))
  return new Map(
    weights.map(([name, { data, shape }]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(data as Float32Array, [...shape], 'float32'))),
    ]),
  )
}

/** A file with other names or with repeated tensors must give the same weights, bit for bit. */
export async function checkSameWeights(run: GptRun, other: WeightFile): Promise<void> {
  const read = (weights: NamedTensors) =>
    withSession(run, { weights, stage: {} }, (session) => session.exportState())
  const ours = await read(run.weights)
  const theirs = await read(other.tensors)
  for (const [name, { data }] of ours) {
    run.golden.comparison.same(
      `${other.name} ${name}`,
      theirs.get(name)!.data as Float32Array,
      data as Float32Array,
    )
  }
}

/** The likeliest token, over and over, from the last tokens that fit the context. */
export async function checkGreedy(run: GptRun): Promise<void> {
  const { golden } = run
  if (!golden.expected.has('greedy')) return
  const words = ['context', 'smallest_top2_logit_margin']
  const greedy = new Ledger(asRecord(golden.expected.take('greedy'), 'expected.greedy'), 'greedy', words)
  const tokens = asNumbers(greedy.take('prompt'), 'greedy.prompt')
  const expected = asNumbers(greedy.take('continuation'), 'greedy.continuation')
  greedy.refuseUntouched()
  await withSession(run, { weights: run.weights, stage: {} }, async (session) => {
    const generator = new Generator(0, 'sample')
    const options = { tokens, count: expected.length, generator, ...takesLikeliest }
    const written: number[] = []
    for await (const token of generate(session, options)) written.push(token)
    golden.comparison.same('greedy token', written, expected)
  })
}
