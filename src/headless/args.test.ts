import { expect, it } from 'vitest'
import { ConfigError } from '../core/errors.ts'
import { parseCommandLine } from './args.ts'

const flags = {
  data: { type: 'text', isMultiple: true },
  steps: { type: 'int', min: 1, max: 100 },
  rate: { type: 'number' },
  backend: { type: 'choice', options: ['webgpu', 'cpu'] },
  json: { type: 'bool' },
  out: { type: 'path' },
} as const
const read = (...args: string[]) => parseCommandLine(args, { flags, maxWords: 2 })
const refusal = (...args: string[]): ConfigError => {
  try {
    read(...args)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error(`accepted ${args.join(' ')}`)
}

it('reads flags in both forms, between words', () => {
  const { flags: found, words } = read(
    'char-gpt',
    '--steps',
    '40',
    '--rate=-0.5',
    'x',
    '--json',
    '--backend',
    'cpu',
  )
  expect(found).toEqual({ data: [], steps: 40, rate: -0.5, backend: 'cpu', json: true, out: null })
  expect(words).toEqual(['char-gpt', 'x'])
})

it('keeps every value of a flag that may be repeated', () => {
  expect(read('--data', 'a.txt', '--data', 'b.txt').flags.data).toEqual(['a.txt', 'b.txt'])
  expect(refusal('--steps', '1', '--steps', '2').message).toContain('may be given once')
})

it('tells an absent flag from a given one', () => {
  expect(read().flags).toEqual({ data: [], steps: null, rate: null, backend: null, json: false, out: null })
})

it('takes what follows -- as words', () => {
  expect(read('--', '--steps').words).toEqual(['--steps'])
})

it('names the nearest flag for an unknown one', () => {
  expect(refusal('--stpes', '3').remedy).toBe('Did you mean --steps?')
  expect(refusal('--zzzzzzzz').remedy).toContain('--backend')
  expect(refusal('--__proto__', '3').code).toBe('bad-arguments')
})

it.each([
  [['--steps'], 'needs a value'],
  [['--steps', '--json'], 'needs a value'],
  [['--steps', '1.5'], 'whole number'],
  [['--steps', ''], 'must be a number'],
  [['--steps', '0'], 'at least 1'],
  [['--steps=101'], 'at most 100'],
  [['--rate', 'NaN'], 'must be a number'],
  [['--backend', 'gpu'], 'one of webgpu, cpu'],
  [['--json=yes'], 'takes no value'],
  [['--out', ''], 'needs a path'],
  [['--out= '], 'needs a path'],
  [['a', 'b', 'c'], '"c" is one word too many'],
])('refuses %j with the rule that it breaks', (args, rule) => {
  expect(refusal(...args).message).toContain(rule)
})

it('asks for words that are missing', () => {
  expect(() => parseCommandLine([], { flags: {}, minWords: 1, maxWords: 1 })).toThrow('a word expected')
})
