import { describe, expect, it } from 'vitest'
import { Generator } from '../../core/rng.ts'
import { generate } from './generate.ts'
import { sampleToken } from './sampleToken.ts'

const logits = Float32Array.of(1, 3, 2, 3, -1)

/** Shares of the tokens over evenly spread uniform numbers. */
function shares(options: { temperature: number; topK: number }, count = 20000): number[] {
  const found = new Array<number>(logits.length).fill(0)
  for (let i = 0; i < count; i++) found[sampleToken(logits, options, (i + 0.5) / count)]! += 1 / count
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
    for (const uniform of [0, 0.3, 0.999999])
      expect(sampleToken(logits, { temperature: 0, topK: 0 }, uniform)).toBe(1)
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
      expect(sampleToken(sure, { temperature: 1, topK: 0 }, uniform)).toBe(1)
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
    for await (const id of generate(model(seen), { tokens: [0, 5], topK: 0, generator, ...options }))
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
    const options = { tokens: [0], count: 1, temperature: 1, topK: 0, generator: new Generator(1, 'sample') }
    await expect(generate(broken, options).next()).rejects.toMatchObject({ code: 'non-finite' })
  })
})
