import { expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import study from './study.ts'

async function run(...args: string[]): Promise<Record<string, unknown>[]> {
  const { io, lines } = recordingIo()
  expect(await study.run(args, io)).toBe(0)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

it('trains each loss with each seed, and tells means and intervals of what they printed', async () => {
  const records = await run(
    ...[
      'penguins-mlp',
      '--losses',
      'cross-entropy,focal',
      '--seeds',
      '2',
      '--steps',
      '3',
      '--backend',
      'cpu',
    ],
  )
  expect(records.map(({ loss, seed, seeds }) => [loss, seed ?? null, seeds ?? null])).toEqual(
    ['cross-entropy', 'focal'].flatMap((loss) => [
      [loss, 1, null],
      [loss, 2, null],
      [loss, null, 2],
    ]),
  )
  const [first, second, both] = records.map((record) => record['validation/loss'])
  const [a, b] = [Number(first), Number(second)]
  expect(a).not.toBe(b)
  // Of two: t of one degree is 12.706, the standard error half of what is between them.
  const { mean, halfWidth } = both as { mean: number; halfWidth: number }
  expect(mean).toBeCloseTo((a + b) / 2, 12)
  expect(halfWidth).toBeCloseTo((12.706 * Math.abs(a - b)) / 2, 12)
})

it('lays settings over each of several configurations', async () => {
  const records = await run(
    ...['penguins-mlp', 'penguins-regression', '--seeds', '1', '--steps', '2', '--backend', 'cpu'],
    ...['--set', 'stages[0].optimizer.learningRate=0'],
  )
  expect(records.map(({ config, seed, seeds }) => [config, seed ?? seeds])).toEqual([
    ['penguins-mlp', 1],
    ['penguins-mlp', 1],
    ['penguins-regression', 1],
    ['penguins-regression', 1],
  ])
  expect(Object.keys(records[0]!)).toContain('validation/accuracy')
  expect(Object.keys(records[2]!)).toContain('validation/meanAbsoluteError')
  // Nothing is learned at a rate of 0, however long it goes on.
  const longer = await run(
    ...['penguins-mlp', '--seeds', '1', '--steps', '4', '--backend', 'cpu'],
    ...['--set', 'stages[0].optimizer.learningRate=0'],
  )
  expect(longer[0]!['validation/loss']).toBe(records[0]!['validation/loss'])
})

it.each([
  [
    'a tokenizer file that is not there',
    ['emoji-names', '--tokenizer', '/nowhere/tokenizer.json'],
    /there is no file/,
  ],
  ['a setting that there is not', ['penguins-mlp', '--set', 'stages[0].optimiser=1'], /optimiser/],
  [
    'a loss that the task cannot have',
    ['penguins-mlp', '--losses', 'cross-entropy,clip'],
    /losses\[0\]\.name/,
  ],
  ['losses for several stages', ['emoji-three-stages', '--losses', 'clip'], /change one stage, got 3/],
])('refuses %s before anything is trained', async (_what, args, message) => {
  await expect(run(...args)).rejects.toThrow(message)
})
