import type { NamedTensors } from '../../src/core/hostTensor.ts'
import { withSession, type GptRun } from './gptCase.ts'
import { asTensor } from './goldenTensor.ts'
import { asNumber, asNumbers, asRecord, asText, type Json, type JsonRecord } from './json.ts'
import { Ledger } from './ledger.ts'
import { Unsupported } from './unsupported.ts'

/** goldens/README.md: a gradient's tolerance is at least this share of it; the norms in these files state none. */
const leastRelativeGradientTolerance = 1e-4

/** `decayed` of a file, and which of our choices it is. */
const decayOn: readonly (readonly [words: RegExp, choice: string])[] = [
  [/two or more axes/i, 'matrices-and-embeddings'],
  [/^(all|every)/i, 'everything'],
]

/** A few AdamW steps on one batch, without and with clipping: losses, norms, and the weights afterwards. */
export async function checkTraining(run: GptRun): Promise<void> {
  const { golden } = run
  const plain = golden.expected.takeIfThere('adamw')
  const clipped = golden.expected.takeIfThere('adamw_clipped')
  if (plain === undefined && clipped === undefined) return
  const expected = new Ledger(asRecord(plain, 'expected.adamw'), 'expected.adamw')
  const hyper = asRecord(expected.take('hyperparameters'), 'hyperparameters')
  const steps = asNumber(hyper['steps'], 'hyperparameters.steps')
  const { losses, weights } = await train(run, { hyper, gradClipNorm: 0, steps })
  compareLosses(run, 'loss before step', losses, expected.take('loss_before_step'))
  const after = `weights_after_${steps}_steps`
  if (expected.has(after)) compareWeights(run, weights, asRecord(expected.take(after), after), expected)
  refuseUntouched(expected)
  if (clipped === undefined) return
  const wanted = new Ledger(asRecord(clipped, 'expected.adamw_clipped'), 'expected.adamw_clipped')
  const gradClipNorm = asNumber(wanted.take('max_grad_norm'), 'max_grad_norm')
  const found = await train(run, { hyper, gradClipNorm, steps })
  compareLosses(run, 'loss before clipped step', found.losses, wanted.take('loss_before_step'))
  const norms = asNumbers(wanted.take('grad_norm_before_clipping'), 'grad_norm_before_clipping')
  golden.comparison.close('gradient norm', found.norms, norms, {
    abs: 0,
    rel: leastRelativeGradientTolerance,
  })
  refuseUntouched(wanted)
}

function refuseUntouched({ untouched }: Ledger): void {
  if (untouched.length > 0) throw new Unsupported(`${untouched.join(', ')} is not mapped`)
}

function optimizerOf(hyper: JsonRecord): Record<string, unknown> {
  const decayed = asText(hyper['decayed'], 'hyperparameters.decayed')
  const choice = decayOn.find(([words]) => words.test(decayed))
  if (choice === undefined) throw new Unsupported(`hyperparameters.decayed is ${JSON.stringify(decayed)}`)
  const [beta1, beta2] = asNumbers(hyper['betas'], 'hyperparameters.betas')
  return {
    kind: 'adamw',
    learningRate: asNumber(hyper['lr'], 'hyperparameters.lr'),
    beta1,
    beta2,
    epsilon: asNumber(hyper['eps'], 'hyperparameters.eps'),
    weightDecay: asNumber(hyper['weight_decay'], 'hyperparameters.weight_decay'),
    decayOn: choice[1],
  }
}

async function train(run: GptRun, settings: { hyper: JsonRecord; gradClipNorm: number; steps: number }) {
  const optimizer = optimizerOf(settings.hyper)
  const { batchSize } = run.batch
  const stage = { optimizer, gradClipNorm: settings.gradClipNorm, batchSize }
  return withSession(run, { weights: run.weights, stage }, async (session) => {
    const losses: number[] = []
    const norms: number[] = []
    for (let step = 0; step < settings.steps; step++) {
      const learningRate = Number(optimizer['learningRate'])
      const pending = session.step({ step, stageStep: step, batches: [run.batch], learningRate })
      const { loss, gradNorm } = await pending.read()
      losses.push(loss)
      norms.push(gradNorm)
    }
    return { losses, norms, weights: await session.exportState() }
  })
}

function compareLosses({ golden }: GptRun, what: string, found: readonly number[], expected: Json): void {
  golden.comparison.close(what, found, asNumbers(expected, what), {
    abs: golden.tolerance('loss_abs'),
    rel: 0,
  })
}

function compareWeights({ golden }: GptRun, found: NamedTensors, after: JsonRecord, expected: Ledger): void {
  const skipped = expected.has('do_not_compare')
    ? asRecord(expected.take('do_not_compare'), 'do_not_compare')
    : {}
  const tolerance = { abs: golden.tolerance('weights_abs'), rel: 0 }
  for (const [name, tensor] of Object.entries(after)) {
    const ours = found.get(name)
    if (ours === undefined) throw new Unsupported(`the engine's model has no weight ${name}`)
    const { values } = asTensor(tensor, name)
    const isSkipped = skippedEntries(skipped[name])
    golden.comparison.closeAt(`trained ${name}`, ours.data as Float32Array, values, {
      tolerance,
      isCompared: (index) => !isSkipped(index),
    })
  }
}

/** "entries 16..31 (why)": both ends included; without numbers the whole tensor. */
function skippedEntries(stated: Json | undefined): (index: number) => boolean {
  if (stated === undefined) return () => false
  const ranges = [...String(stated).matchAll(/(\d+)\.\.(\d+)/g)].map(
    ([, from, to]) => [Number(from), Number(to)] as const,
  )
  if (ranges.length === 0) return () => true
  return (index) => ranges.some(([from, to]) => index >= from && index <= to)
}
