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
  const [expected, wanted] = Object.entries({ adamw: plain, adamw_clipped: clipped }).map(([name, part]) =>
    part === undefined ? null : new Ledger(asRecord(part, `expected.${name}`), `expected.${name}`),
  ) as [Ledger | null, Ledger | null]
  // Both train alike, and the first says how.
  const shared = (expected ?? wanted)!.take('hyperparameters')
  const hyper = new Ledger(asRecord(shared, 'hyperparameters'), 'hyperparameters', ['batch'])
  const steps = asNumber(hyper.take('steps'), 'hyperparameters.steps')
  for (const part of [expected, wanted]) {
    if (part === null) continue
    const gradClipNorm = part === wanted ? asNumber(part.take('max_grad_norm'), 'max_grad_norm') : 0
    const { losses, norms, weights } = await train(run, { hyper, gradClipNorm, steps })
    compareLosses(run, `loss before step, clipped to ${gradClipNorm}`, losses, part.take('loss_before_step'))
    const after = `weights_after_${steps}_steps`
    if (part.has(after)) compareWeights(run, weights, asRecord(part.take(after), after), part)
    if (part.has('grad_norm_before_clipping')) {
      const stated = asNumbers(part.take('grad_norm_before_clipping'), 'grad_norm_before_clipping')
      const tolerance = { abs: 0, rel: leastRelativeGradientTolerance }
      golden.comparison.close('gradient norm', norms, stated, tolerance)
    }
    part.refuseUntouched()
  }
  hyper.refuseUntouched()
}

function optimizerOf(hyper: Ledger): Record<string, unknown> {
  const decayed = asText(hyper.take('decayed'), 'hyperparameters.decayed')
  const choice = decayOn.find(([words]) => words.test(decayed))
  if (choice === undefined) throw new Unsupported(`hyperparameters.decayed is ${JSON.stringify(decayed)}`)
  const [beta1, beta2] = asNumbers(hyper.take('betas'), 'hyperparameters.betas')
  return {
    kind: 'adamw',
    learningRate: asNumber(hyper.take('lr'), 'hyperparameters.lr'),
    beta1,
    beta2,
    epsilon: asNumber(hyper.take('eps'), 'hyperparameters.eps'),
    weightDecay: asNumber(hyper.take('weight_decay'), 'hyperparameters.weight_decay'),
    decayOn: choice[1],
  }
}

async function train(run: GptRun, settings: { hyper: Ledger; gradClipNorm: number; steps: number }) {
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
