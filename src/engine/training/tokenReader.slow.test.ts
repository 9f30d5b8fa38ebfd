import { describe, expect, it } from 'vitest'
import { greedy } from '../../core/sampling.ts'
import { Generator } from '../../core/rng.ts'
import { engineConfig, randomBatch } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { memory } from '../backend/tfjs.ts'
import { beamSearch, oneByOne } from '../generation/beamSearch.ts'
import { generate, type NextTokenModel } from '../generation/generate.ts'
import { createTrainSession, type TrainSession } from './trainSession.ts'

const vocabSize = 11
const prompt = [3, 1, 4, 1, 5]

/** A copy of the session's weights that has read nothing yet says what comes next. */
async function withoutCache(session: TrainSession, open: () => TrainSession, tokens: readonly number[]) {
  const fresh = open()
  fresh.importState(await session.exportState(), 'all')
  const logits = await fresh.nextLogits(tokens)
  fresh.dispose()
  return logits
}

const variants: Record<string, Record<string, unknown>> = {
  'learned positions': {},
  'rotary positions, grouped heads': { positions: 'rotary', numKeyHeads: 1, norm: 'rms-norm' },
  'interleaved rotary, norms of heads, untied': {
    positions: 'rotary',
    rotaryStyle: 'interleaved',
    hasHeadNorm: true,
    isHeadTied: false,
  },
  'ALiBi, norms after parts': { positions: 'alibi', normPlace: 'post' },
  sinusoidal: { positions: 'sinusoidal' },
  'no positions, SwiGLU, grouped heads': { positions: 'none', activation: 'swiglu', numKeyHeads: 1 },
}

/** Reads the whole context each time: what is kept is of another sequence. */
const readingWhole = (session: TrainSession): NextTokenModel => ({
  async nextLogits(tokens) {
    await session.nextLogits(tokens.map((id) => (id + 1) % vocabSize))
    return session.nextLogits(tokens)
  },
})

/** What is written greedily, drawn, and found by beams: past the context too, but for the beams. */
async function textsOf(model: NextTokenModel): Promise<(readonly number[])[]> {
  const texts: (readonly number[])[] = []
  for (const temperature of [0, 1]) {
    const options = {
      ...greedy,
      temperature,
      tokens: prompt,
      count: 9,
      generator: new Generator(1, 'sample'),
    }
    const written: number[] = []
    for await (const id of generate(model, options)) written.push(id)
    texts.push(written)
  }
  const beams = { beams: 3, count: 7, lengthPenalty: 1, endToken: null, isEarlyStopping: false }
  const found = await beamSearch(oneByOne(model), { ...greedy, ...beams, tokens: prompt, noRepeatNgram: 2 })
  return [...texts, ...found.map(({ tokens }) => tokens)]
}

await describeOnDevices('reading token by token', (device) => {
  describe.each(Object.entries(variants))('%s', (_name, settings) => {
    const config = engineConfig({ model: { numHeads: 2, ...settings } })
    const open = () => createTrainSession({ device: device(), config, facts: { vocabSize } })

    it('says the same as reading the whole', async () => {
      const session = open()
      // One token more than the context, so that the last twelve are read as a whole: the first is not seen.
      const whole = await session.nextLogits([0, ...prompt, 9, 2, 6, 5, 3, 5, 8])
      for (let length = 1; length <= 12; length++)
        await session.nextLogits([...prompt, 9, 2, 6, 5, 3, 5, 8].slice(0, length))
      const read = await session.nextLogits([...prompt, 9, 2, 6, 5, 3, 5, 8])
      read.forEach((logit, id) => expect(Math.abs(logit - whole[id]!)).toBeLessThan(2e-5))
      session.dispose()
    })

    it('writes the same texts as reading the whole', async () => {
      const session = open()
      const texts = await textsOf(session)
      expect(texts).toHaveLength(5)
      expect(texts).toEqual(await textsOf(readingWhole(session)))
      session.dispose()
    })
  })

  const config = engineConfig()
  const open = () => createTrainSession({ device: device(), config, facts: { vocabSize } })

  it('goes on after another sequence, and after a step', async () => {
    const session = open()
    await session.nextLogits([...prompt, 7, 7, 7])
    const other = [3, 1, 2]
    const near = (found: Float32Array, wanted: Float32Array) =>
      found.forEach((logit, id) => expect(Math.abs(logit - wanted[id]!)).toBeLessThan(2e-5))
    for (const tokens of [other, other, [3, 1], [3, 1, 8, 8, 8, 8], [3, 1, 8, 8, 2]])
      near(await session.nextLogits(tokens), await withoutCache(session, open, tokens))
    const batches = [randomBatch({ batchSize: 3, seqLen: 12, vocabSize, seed: 1 })]
    await session.step({ step: 0, stageStep: 0, batches, learningRate: 0.1 }).read()
    near(await session.nextLogits(other), await withoutCache(session, open, other))
    session.dispose()
  })

  it('leaves no tensors behind', async () => {
    const session = open()
    await session.nextLogits(prompt)
    const { numTensors } = memory()
    await session.nextLogits([...prompt, 2, 3])
    expect(memory().numTensors).toBe(numTensors)
    session.dispose()
  })

  it('writes past its context', async () => {
    const session = open()
    const written: number[] = []
    const options = { tokens: prompt, count: 12, generator: new Generator(1, 'sample'), ...greedy }
    for await (const id of generate(session, options)) written.push(id)
    expect(written).toHaveLength(12)
    session.dispose()
  })
})
