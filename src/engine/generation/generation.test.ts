import { describe, expect, it } from 'vitest'
import { greedy, type SamplingOptions } from '../../core/sampling.ts'
import { Generator } from '../../core/rng.ts'
import sampling from '../../../tests/fixtures/generation/sampling.json' with { type: 'json' }
import { beamSearch, oneByOne } from './beamSearch.ts'
import { generate } from './generate.ts'
import { penalised, sampleToken } from './sampleToken.ts'

const logits = Float32Array.of(1, 3, 2, 3, -1)

/** Shares of the tokens over evenly spread uniform numbers. */
function shares(options: Partial<SamplingOptions>, count = 20000, seen: readonly number[] = []): number[] {
  const found = new Array<number>(logits.length).fill(0)
  for (let i = 0; i < count; i++)
    found[sampleToken(logits, { ...greedy, ...options }, (i + 0.5) / count, seen)]! += 1 / count
  return found
}
function softmax(values: number[]): number[] {
  const weights = values.map((value) => Math.exp(value))
  return weights.map((weight) => weight / weights.reduce((a, b) => a + b))
}

describe('sampleToken', () => {
  it.each([0.5, 1, 2])('draws from softmax(logits / %f)', (temperature) => {
    const expected = softmax([...logits].map((logit) => logit / temperature))
    shares({ temperature, topK: 0 }).forEach((share, id) => expect(share).toBeCloseTo(expected[id]!, 3))
  })

  it('takes the likeliest token at temperature 0, the lowest id on a tie', () => {
    for (const uniform of [0, 0.3, 0.999999]) expect(sampleToken(logits, greedy, uniform)).toBe(1)
  })

  it('draws from the k likeliest only, lowest ids first on a tie', () => {
    expect(shares({ temperature: 1, topK: 1 })).toEqual([0, expect.closeTo(1), 0, 0, 0])
    const three = shares({ temperature: 1, topK: 3 })
    const rest = 2 + Math.exp(-1)
    ;[0, 1 / rest, Math.exp(-1) / rest, 1 / rest, 0].forEach((share, id) =>
      expect(three[id]).toBeCloseTo(share, 3),
    )
  })

  it('never draws a token of no probability, even at the ends of the range', () => {
    const sure = Float32Array.of(-1e30, 0, -1e30)
    for (const uniform of [0, 1 - 2 ** -24])
      expect(sampleToken(sure, { ...greedy, temperature: 1 }, uniform)).toBe(1)
  })
})

describe('generate', () => {
  const model = (seen: number[][]) => ({
    nextLogits: async (tokens: readonly number[]) => {
      seen.push([...tokens])
      return Float32Array.from({ length: 8 }, (_, id) => (id === (tokens.at(-1)! + 1) % 8 ? 2 : 0))
    },
  })
  const write = async (
    options: { temperature: number; count: number; seed: number },
    seen: number[][] = [],
  ) => {
    const written: number[] = []
    const generator = new Generator(options.seed, 'sample')
    for await (const id of generate(model(seen), { tokens: [0, 5], ...greedy, generator, ...options }))
      written.push(id)
    return written
  }

  it('feeds what it wrote back in, beginning with the prompt', async () => {
    const seen: number[][] = []
    expect(await write({ temperature: 0, count: 4, seed: 1 }, seen)).toEqual([6, 7, 0, 1])
    expect(seen).toEqual([
      [0, 5],
      [0, 5, 6],
      [0, 5, 6, 7],
      [0, 5, 6, 7, 0],
    ])
  })

  it('writes the same for the same seed and something else for another', async () => {
    const text = await write({ temperature: 1, count: 30, seed: 1 })
    expect(await write({ temperature: 1, count: 30, seed: 1 })).toEqual(text)
    expect(await write({ temperature: 1, count: 30, seed: 2 })).not.toEqual(text)
  })

  it('stops with a name when the numbers have broken down', async () => {
    const broken = { nextLogits: async () => Float32Array.of(0, NaN) }
    const options = {
      tokens: [0],
      count: 1,
      ...greedy,
      temperature: 1,
      generator: new Generator(1, 'sample'),
    }
    await expect(generate(broken, options).next()).rejects.toMatchObject({ code: 'non-finite' })
  })
})

describe('against Hugging Face', () => {
  it.each(sampling.processed.cases.map((golden) => [JSON.stringify(golden.options), golden] as const))(
    'draws with the probabilities of %s',
    (_name, { options, probabilities }) => {
      const draws = 4000
      const found = new Array<number>(probabilities.length).fill(0)
      const values = Float32Array.from(sampling.processed.logits)
      for (let i = 0; i < draws; i++)
        found[sampleToken(values, options, (i + 0.5) / draws, sampling.processed.seen)]! += 1 / draws
      // Evenly spread uniform numbers miss a share by one draw at each of its ends at most.
      found.forEach((share, id) =>
        expect(Math.abs(share - probabilities[id]!)).toBeLessThanOrEqual(2 / draws),
      )
    },
  )

  const chain = {
    nextLogits: async (tokens: readonly number[]) =>
      Float32Array.from(sampling.beams.table[tokens.at(-2) ?? tokens.at(-1)!]![tokens.at(-1)!]!),
  }

  it.each(sampling.beams.cases.map((golden, i) => [i, golden] as const))(
    'finds the texts of beam search, case %i',
    async (_i, { texts, ...options }) => {
      const found = await beamSearch(oneByOne(chain), { tokens: [1], ...options })
      expect(found.map(({ tokens }) => tokens)).toEqual(texts.map(({ tokens }) => tokens))
      found.forEach(({ score }, i) => expect(score).toBeCloseTo(texts[i]!.score, 4))
    },
  )
})

describe('beamSearch', () => {
  const table = sampling.beams.table[2]!.map((row) => Float32Array.from(row.slice(0, 4))).slice(0, 4)
  const chain = { nextLogits: async (tokens: readonly number[]) => table[tokens.at(-1)!]! }
  const logProbability = (tokens: readonly number[]): number =>
    tokens.reduce((sum, token, i) => {
      const row = softmax([...table[i === 0 ? 1 : tokens[i - 1]!]!])
      return sum + Math.log(row[token]!)
    }, 0)
  const options = {
    tokens: [1],
    count: 4,
    lengthPenalty: 1,
    endToken: null,
    isEarlyStopping: false,
    repetitionPenalty: 1,
    noRepeatNgram: 0,
  }

  it('finds the likeliest of all texts when no beam is dropped', async () => {
    const all = Array.from({ length: 4 ** 4 }, (_, code) =>
      Array.from({ length: 4 }, (_unused, place) => Math.floor(code / 4 ** place) % 4),
    )
    const best = all.sort((a, b) => logProbability(b) - logProbability(a)).slice(0, 5)
    const found = await beamSearch(oneByOne(chain), { ...options, beams: 64 })
    expect(found.slice(0, 5).map(({ tokens }) => tokens)).toEqual(best)
    expect(found[0]!.score).toBeCloseTo(logProbability(best[0]!) / 4, 5)
  })

  it('is greedy with one beam', async () => {
    const written: number[] = []
    const generator = new Generator(1, 'sample')
    for await (const id of generate(chain, { tokens: [1], count: 4, generator, ...greedy })) written.push(id)
    expect((await beamSearch(oneByOne(chain), { ...options, beams: 1 }))[0]!.tokens).toEqual(written)
  })

  it('refuses numbers that have broken down', async () => {
    const broken = { nextLogits: async () => Float32Array.of(1, NaN) }
    await expect(beamSearch(oneByOne(broken), { ...options, beams: 2 })).rejects.toThrow(/must be finite/)
  })
})

describe('what was written', () => {
  it('bans what would repeat an n-gram, unless nothing would be left', () => {
    const plain = { ...greedy, repetitionPenalty: 1 }
    expect([...penalised(Float32Array.of(1, 2, 3), { ...plain, noRepeatNgram: 2 }, [2, 1, 2])]).toEqual([
      1,
      -Infinity,
      3,
    ])
    expect([...penalised(Float32Array.of(1, 2), { ...plain, noRepeatNgram: 1 }, [0, 1])]).toEqual([1, 2])
    expect([...penalised(Float32Array.of(1, 2), { ...plain, noRepeatNgram: 3 }, [1])]).toEqual([1, 2])
  })

  it('draws the lowest ids first on a tie at the border of p', () => {
    const even = Float32Array.of(0, 0, 0, 0)
    const ids = [0.1, 0.4, 0.6, 0.9].map((uniform) =>
      sampleToken(even, { ...greedy, temperature: 1, topP: 0.5 }, uniform),
    )
    expect(ids).toEqual([0, 0, 1, 1])
  })
})
