import { describe, expect, it } from 'vitest'
import { Generator } from '../../../core/rng.ts'
import type { TaskView } from '../../../core/taskView.ts'
import { addEvaluation, addReading, emptyHistory, type RunHistory } from './history.ts'
import { notices } from './registry.ts'

const unitsOf = (layer: string, dead: number) => ({ layer, dead, units: 16 })
const noise = new Generator(3, 'tests/notices').normals(20_000)

/** A run of so many updates with these losses, shaken a little, and a validation every 50. */
function runOf(
  steps: number,
  trainLoss: (step: number) => number,
  {
    validation = trainLoss,
    shake = 0.02,
    rate = () => 0.001,
  }: { validation?: (step: number) => number; shake?: number; rate?: (step: number) => number } = {},
): RunHistory {
  const history = emptyHistory()
  for (let step = 1; step <= steps; step++) {
    addReading(history, { step, loss: trainLoss(step) + shake * noise[step]!, learningRate: rate(step) })
    if (step % 50 === 0)
      history.evaluations.push({ step, values: { 'validation/loss': validation(step) }, view: null })
  }
  return history
}

function evaluated(values: Record<string, number>, view: TaskView | null = null): RunHistory {
  return { ...emptyHistory(), evaluations: [{ step: 1, values, view }] }
}

const confusion = (counts: number[]): TaskView => ({
  kind: 'confusion',
  classes: ['ant', 'bee'],
  counts: Int32Array.from(counts),
  mistakes: [],
})

const falling = (step: number) => 0.5 + 2 * Math.exp(-step / 150)
/** Lowest at step 200. */
const turning = (step: number) => 1 + (step - 200) ** 2 / 40_000

/** Up and down five times. */
const waves = (step: number) => 0.01 * (1.1 + Math.sin((step / 2000) * 10 * Math.PI))
const towers = (moved: Record<string, number>, gradients: Record<string, number> = {}): RunHistory => ({
  ...emptyHistory(),
  towers: [1, 2].map((step) => ({ step, moved, gradients })),
})

const scaleOf = (value: number, largest: number) => ({
  name: 'loss.clip.logScale',
  value,
  most: Math.log(largest),
})

const cases: Record<string, { yes: RunHistory; says: RegExp; no: RunHistory[] }> = {
  overfitting: {
    yes: runOf(500, falling, { validation: turning }),
    says: /lowest at step 200 \(1\)/,
    no: [
      runOf(500, falling),
      // Both rise: that is no learning by heart.
      runOf(500, turning),
      // Worse, but not yet for long.
      runOf(300, falling, { validation: turning }),
    ],
  },
  'rising-loss': {
    yes: runOf(200, (step) => 2 + step / 100),
    says: /was 2\.\d+ in the first 20 updates of the stage and is 3\.\d+/,
    no: [
      runOf(200, falling),
      runOf(60, (step) => 2 + step / 100),
      runOf(200, () => 2),
      // Taken up in the middle: nothing is known of its beginning.
      { ...runOf(200, (step) => 2 + step / 100), isWhole: false },
    ],
  },
  plateau: {
    yes: runOf(900, (step) => 0.8 + Math.exp(-step / 60)),
    says: /stayed at 0\.(79|80)\d* for 400 updates/,
    no: [runOf(500, falling), runOf(300, () => 0.8), runOf(900, (step) => 3 - step / 500, { shake: 0.3 })],
  },
  spike: {
    yes: runOf(200, (step) => (step === 120 ? 9 : falling(step))),
    says: /loss of step 120 was [89]/,
    no: [
      runOf(200, falling),
      runOf(200, falling, { shake: 0.2 }),
      runOf(40, (step) => (step === 30 ? 9 : 1)),
    ],
  },
  'one-class': {
    yes: evaluated({}, confusion([50, 0, 48, 2])),
    says: /98 of 100 items of the validation are taken for ant, which 50 are/,
    no: [
      evaluated({}, confusion([45, 5, 5, 45])),
      // It is nearly all ants.
      evaluated({}, confusion([97, 0, 3, 0])),
      evaluated({}),
    ],
  },
  'follows-learning-rate': {
    yes: runOf(2000, (step) => 1 + 20 * waves(step), { rate: waves }),
    says: /In \d+ of \d+ changes of the learning rate .* highest \(0\.0/,
    no: [
      // It falls whatever the rate does.
      runOf(2000, falling, { rate: waves }),
      // One warm-up, one way down.
      runOf(2000, falling, { rate: (step) => Math.min(step / 200, 1) * 0.01 * (1 - step / 2001) }),
      runOf(100, (step) => 1 + 20 * waves(step), { rate: waves }),
    ],
  },
  'still-tower': {
    yes: towers({ 'image.': 0.08, 'text.': 0.0001 }),
    says: /weights of text moved by 0\.01 %, those of image by 8 %/,
    no: [
      towers({ 'image.': 0.08, 'text.': 0.02 }),
      towers({ 'image.': 0.08 }),
      towers({ 'image.': 0, 'text.': 0 }),
    ],
  },
  'uneven-gradients': {
    yes: towers({}, { 'image.': 3, 'text.': 0.1 }),
    says: /Gradients of image are 30 times those of text/,
    no: [
      towers({}, { 'image.': 0.3, 'text.': 0.1 }),
      towers({}),
      // Once is no habit.
      { ...emptyHistory(), towers: towers({}, { 'image.': 3, 'text.': 0.1 }).towers.slice(1) },
    ],
  },
  'dead-units': {
    yes: { ...emptyHistory(), deadUnits: [unitsOf('a', 1), unitsOf('b', 6)] },
    says: /No gradient reaches 6 of the 16 units of b/,
    no: [emptyHistory(), { ...emptyHistory(), deadUnits: [unitsOf('a', 3)] }],
  },
  'clamped-temperature': {
    yes: { ...emptyHistory(), logScales: [scaleOf(4.7, 100)] },
    says: /temperature that clip learns has come down to 0\.01, .* count 100 times/,
    // Another limit is the loss's own.
    no: [3, 4.7].map((value) => ({
      ...emptyHistory(),
      logScales: [scaleOf(value, value === 3 ? 100 : 200)],
    })),
  },
  collapse: {
    yes: evaluated({ 'validation/effectiveRank': 1.02 }),
    says: /spread over 1\.02 directions/,
    no: [evaluated({ 'validation/effectiveRank': 8 }), evaluated({})],
  },
}

describe('notices', () => {
  it('each have a run that sets them off and runs that do not', () => {
    expect(Object.keys(cases).sort()).toEqual(notices.all.map(({ id }) => id).sort())
  })

  it.each(Object.keys(cases))('%s', (id) => {
    const { look } = notices.get(id)
    const { yes, says, no } = cases[id]!
    const found = look(yes)
    expect(typeof found === 'string' ? found : found?.detail).toMatch(says)
    for (const history of no) expect(look(history)).toBeNull()
    expect(look(emptyHistory())).toBeNull()
  })

  it('say nothing of a run that goes well', () => {
    for (const { look } of notices.all) expect(look(runOf(400, falling))).toBeNull()
  })
})

it('a loss that rises began to where its mean was lowest', () => {
  // Lowest at step 100, and so over the updates 91 to 110.
  const history = runOf(200, (step) => 2 + Math.abs(step - 100) / 40 - (step < 100 ? 1 : 0), { shake: 0 })
  const of = (steps: readonly number[]) =>
    steps.reduce((sum, step) => sum + history.readings[step - 1]!.loss, 0)
  const ends = Array.from({ length: 181 }, (_, i) => i + 20)
  const sums = ends.map((end) => of(Array.from({ length: 20 }, (_, i) => end - i)))
  const lowest = ends[sums.indexOf(Math.min(...sums))]!
  expect(notices.get('rising-loss').look(history)).toMatchObject({ sinceStep: lowest + 1, isOfBatch: false })
})

it('a history keeps what the latest validation showed, and no older picture', () => {
  const history = emptyHistory()
  for (const step of [1, 2]) addEvaluation(history, { step, values: {}, view: confusion([1, 0, 0, 1]) })
  expect(history.evaluations.map(({ view }) => view?.kind)).toEqual([undefined, 'confusion'])
})

it('a history forgets the oldest readings', () => {
  const history = runOf(20_000 - 1, falling, { shake: 0 })
  expect(history.readings.length).toBeLessThanOrEqual(8192)
  expect(history.readings.at(-1)!.step).toBe(19_999)
  expect([history.isWhole, runOf(200, falling).isWhole]).toEqual([false, true])
})
