import { expect, it } from 'vitest'
import {
  bitsOf,
  engineConfig,
  randomBatch,
  type EngineSettings,
} from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { tokenBatch, tokensOfBatch } from '../../../tests/helpers/tokenBatch.ts'
import * as tf from '../backend/tfjs.ts'
import { createTrainSession, type Batch, type TrainSession } from './trainSession.ts'

const vocabSize = 11
const batchAt = (seed: number, batchSize = 3): Batch =>
  randomBatch({ batchSize, seqLen: 12, vocabSize, seed })

await describeOnDevices('a session', (device) => {
  const open = (settings: EngineSettings = {}): TrainSession =>
    createTrainSession({ device: device(), config: engineConfig(settings), facts: { vocabSize } })

  /** Losses of `count` steps, the batch of step k made from k. */
  async function train(
    session: TrainSession,
    count: number,
    first = 0,
    learningRate = 1e-2,
  ): Promise<number[]> {
    const losses: number[] = []
    for (let step = first; step < first + count; step++) {
      const { loss } = await session
        .step({ step, stageStep: step, batches: [batchAt(step)], learningRate })
        .read()
      losses.push(loss)
    }
    return losses
  }

  it.each([
    ['learned positions, tied', {}],
    [
      'rotary, RMSNorm, SwiGLU, untied',
      { positions: 'rotary', norm: 'rms-norm', activation: 'swiglu', isHeadTied: false },
    ],
  ])('learns one batch by heart: %s', async (_name, model) => {
    const session = open({ model, stage: { optimizer: { kind: 'adamw', weightDecay: 0 } } })
    const batch = batchAt(1, 2)
    let loss = Infinity
    for (let step = 0; step < 120; step++) {
      const reading = session.step({ step, stageStep: step, batches: [batch], learningRate: 2e-2 })
      if (step === 119) loss = (await reading.read()).loss
      else reading.discard()
    }
    expect(loss).toBeLessThan(0.05)
    expect((await session.evaluate(batch)).loss).toBeLessThan(0.05)
    session.dispose()
  })

  it('gives the same losses, bit for bit, for the same seed, and others for another', async () => {
    const run = async (seed: number) => {
      const session = open({ seed, model: { dropoutRate: 0.2 } })
      const losses = await train(session, 4)
      const bits = bitsOf(await session.exportState())
      session.dispose()
      return { losses, bits }
    }
    const first = await run(0)
    expect(await run(0)).toEqual(first)
    expect((await run(1)).losses).not.toEqual(first.losses)
  })

  it('goes on from exported tensors as if never interrupted, dropout included', async () => {
    const settings = { model: { dropoutRate: 0.2 }, stage: { batchSize: 3 } }
    const whole = open(settings)
    const expected = await train(whole, 6)
    const before = open(settings)
    await train(before, 3)
    const saved = await before.exportState()
    before.dispose()
    const after = open({ ...settings, seed: engineConfig().seed })
    after.importState(saved, 'all')
    expect(await train(after, 3, 3)).toEqual(expected.slice(3))
    expect(bitsOf(await after.exportState())).toEqual(bitsOf(await whole.exportState()))
    whole.dispose()
    after.dispose()
  })

  it('clips gradients by value before their norm is taken', async () => {
    const normWith = async (stage: Record<string, unknown>): Promise<number> => {
      const session = open({ stage })
      const request = { step: 0, stageStep: 0, batches: [batchAt(1)], learningRate: 1e-2 }
      const { gradNorm } = await session.step(request).read()
      session.dispose()
      return gradNorm
    }
    const session = open()
    const count = session.parameterCount
    session.dispose()
    expect(await normWith({ gradClipValue: 1e5 })).toBe(await normWith({}))
    const tiny = await normWith({ gradClipValue: 1e-7 })
    // No number is longer than the limit, and most are as long.
    expect(tiny).toBeLessThanOrEqual(1e-7 * Math.sqrt(count) * 1.0001)
    expect(tiny).toBeGreaterThan(1e-7 * Math.sqrt(count) * 0.7)
    // All of them at their limit, measured otherwise.
    const tinyOf = (gradClipNormKind: string) => normWith({ gradClipValue: 1e-7, gradClipNormKind })
    expect((await tinyOf('max')) / 1e-7).toBeCloseTo(1, 5)
    const sum = await tinyOf('l1')
    expect(sum).toBeLessThanOrEqual(1e-7 * count * 1.0001)
    expect(sum).toBeGreaterThan(1e-7 * count * 0.5)
  })

  it('accumulates to what one big batch gives, ignored targets counted rightly', async () => {
    const big = batchAt(5, 6)
    const { ids, targets } = tokensOfBatch(big)
    targets.fill(-1, 0, 20)
    const part = (from: number): Batch =>
      tokenBatch({
        ids: ids.slice(from * 24, from * 24 + 24),
        targets: targets.slice(from * 24, from * 24 + 24),
        batchSize: 2,
      })
    const step = async (batches: Batch[]) => {
      const session = open()
      const readings = await session.step({ step: 0, stageStep: 0, batches, learningRate: 1e-2 }).read()
      const weights = await session.exportState()
      session.dispose()
      return { readings, weights }
    }
    const [one, three] = [await step([big]), await step([part(0), part(1), part(2)])]
    expectClose([three.readings.loss, three.readings.gradNorm], [one.readings.loss, one.readings.gradNorm], {
      rtol: 2e-6,
      atol: 0,
    })
    // first moments are a tenth of the gradients: unlike the weights, not blown up by Adam where they are near zero
    for (const [name, { data }] of one.weights) {
      if (!name.startsWith('optimizer.m.')) continue
      const found = three.weights.get(name)!.data as Float32Array
      expectClose(found, data as Float32Array, { rtol: 1e-5, atol: 1e-8 }, name)
    }
  })

  it('counts a batch without any target for nothing, and refuses an update without any', async () => {
    const session = open()
    const empty = tokenBatch({ ...tokensOfBatch(batchAt(2)), targets: new Int32Array(36).fill(-1) })
    const request = { step: 0, stageStep: 0, learningRate: 0 }
    const alone = await session.step({ ...request, batches: [batchAt(1)] }).read()
    const beside = await session.step({ ...request, batches: [empty, batchAt(1)] }).read()
    expect(beside.loss).toBe(alone.loss)
    expect(() => session.step({ ...request, batches: [empty] })).toThrow(/some position must have a target/)
    session.dispose()
  })

  it('leaves no tensor behind, step by step and in the end', async () => {
    const start = tf.memory().numTensors
    const session = open({ model: { dropoutRate: 0.1 }, stage: { accumulationSteps: 2 } })
    const request = (step: number) => ({
      step,
      stageStep: step,
      batches: [batchAt(1), batchAt(2)],
      learningRate: 1e-3,
    })
    // What a function reads stays for as long as the session.
    await session.step(request(0)).read()
    await session.evaluate(batchAt(3))
    await session.nextLogits([1, 2])
    const before = tf.memory().numTensors
    session.step(request(1)).discard()
    await session.step(request(2)).read()
    await session.evaluate(batchAt(3))
    await session.nextLogits([1, 2])
    await session.findNonFinite(request(3))
    await session.exportState()
    expect(tf.memory().numTensors).toBe(before)
    session.enterStage(0)
    session.dispose()
    expect(tf.memory().numTensors).toBe(start)
  })

  it('does not move frozen weights, keeps no optimizer tensors for them, and slows others down', async () => {
    const session = open({
      stage: {
        gradClipNorm: 0,
        optimizer: { kind: 'adamw', weightDecay: 0 },
        components: [
          { match: 'transformer.h.0', isFrozen: true },
          { match: 'transformer.wte', learningRateMultiplier: 0.25 },
        ],
      },
    })
    const before = await session.exportState()
    await train(session, 1, 0, 1e-2)
    const after = await session.exportState()
    expect([...after.keys()].filter((name) => name.startsWith('optimizer.m.transformer.h.0'))).toEqual([])
    const moved = (name: string) => {
      const [a, b] = [before.get(name)!.data as Float32Array, after.get(name)!.data as Float32Array]
      return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
    }
    expect(moved('transformer.h.0.attn.c_attn.weight')).toBe(0)
    // Adam's first step has the size of the learning rate wherever there is a gradient
    expect(moved('transformer.h.1.attn.c_attn.weight')).toBeCloseTo(1e-2, 4)
    expect(moved('transformer.wte.weight')).toBeCloseTo(2.5e-3, 5)
    session.dispose()
  })

  it('enters a stage with its own settings and a fresh optimizer', async () => {
    const session = open({
      stages: [{}, { optimizer: { kind: 'adamw', isAmsgrad: true }, losses: [{}, { weight: 0.5 }] }],
    })
    await train(session, 2)
    const weights = (await session.exportState()).get('transformer.wte.weight')!.data
    session.enterStage(1)
    expect(session.stageIndex).toBe(1)
    const state = await session.exportState()
    expect(state.get('transformer.wte.weight')!.data).toEqual(weights)
    expect(
      (state.get('optimizer.vMax.transformer.wte.weight')!.data as Float32Array).every((x) => x === 0),
    ).toBe(true)
    const { loss, parts } = await session
      .step({ step: 2, stageStep: 0, batches: [batchAt(0)], learningRate: 1e-3 })
      .read()
    expect(parts['cross-entropy']! * 1.5).toBeCloseTo(loss, 5)
    expect(() => session.enterStage(2)).toThrow(/from 0 to 1, got 2/)
    session.dispose()
  })

  it('evaluates without dropout, and reads loss and norm of the weights before the update', async () => {
    const session = open({ model: { dropoutRate: 0.5 } })
    const plain = open()
    const batch = batchAt(8)
    expect((await session.evaluate(batch)).loss).toBe((await plain.evaluate(batch)).loss)
    const before = (await plain.evaluate(batch)).loss
    const { loss } = await plain.step({ step: 0, stageStep: 0, batches: [batch], learningRate: 1e-2 }).read()
    expect(loss).toBeCloseTo(before, 5)
    expect((await plain.evaluate(batch)).loss).toBeLessThan(before)
    session.dispose()
    plain.dispose()
  })

  it('tells the next token’s logits from the last seqLen tokens only', async () => {
    const session = open()
    const tokens = [...tokensOfBatch(batchAt(9)).ids.slice(0, 20)]
    const logits = await session.nextLogits(tokens)
    expect(logits).toHaveLength(vocabSize)
    expect([...(await session.nextLogits(tokens.slice(-12)))]).toEqual([...logits])
    const otherFirst = [(tokens.at(-12)! + 1) % vocabSize, ...tokens.slice(-11)]
    expect([...(await session.nextLogits(otherFirst))]).not.toEqual([...logits])
    await expect(session.nextLogits([])).rejects.toThrow(/got none/)
    await expect(session.nextLogits([vocabSize])).rejects.toThrow(/from 0 to 10, got 11/)
    session.dispose()
  })

  it('finds what is not finite by name: a weight first, then a gradient', async () => {
    const session = open()
    const request = { step: 0, stageStep: 0, batches: [batchAt(1)], learningRate: 1e-3 }
    expect(await session.findNonFinite(request)).toBeNull()
    const state = await session.exportState()
    const poison = (name: string, value: number) => {
      const data = (state.get(name)!.data as Float32Array).slice().fill(value)
      session.importState(new Map(state).set(name, { ...state.get(name)!, data }), 'all')
    }
    poison('transformer.h.1.mlp.c_fc.bias', NaN)
    expect(await session.findNonFinite(null)).toBe('transformer.h.1.mlp.c_fc.bias')
    poison('transformer.ln_f.weight', 3e38)
    expect(await session.findNonFinite(null)).toBeNull()
    expect(await session.findNonFinite(request)).toMatch(/^gradient of transformer\./)
    session.dispose()
  })

  it('refuses settings and batches that do not fit, by name', () => {
    expect(() => open({ model: { embedDim: 15 } })).toThrow(/model\.embedDim.*multiple of numHeads/)
    expect(() => open({ stage: { components: [{ match: 'nothing' }] } })).toThrow(
      /stages\[0\]\.components\[0\]\.match/,
    )
    const session = open()
    const step = (batch: Batch) => session.step({ step: 0, stageStep: 0, batches: [batch], learningRate: 0 })
    const tokens = tokensOfBatch(batchAt(1))
    const all = (value: number, length = 36) => new Int32Array(length).fill(value)
    expect(() => step(tokenBatch({ ...tokens, ids: all(vocabSize) }))).toThrow(
      /tokens.*between 0 and 10, got 11/,
    )
    expect(() => step(tokenBatch({ ...tokens, targets: all(-2) }))).toThrow(
      /targets.*between -1 and 10, got -2/,
    )
    expect(() => step(tokenBatch({ ...tokens, targets: all(0, 24) }))).toThrow(
      /must hold 36.*targets, got 24/,
    )
    expect(() => step({ ...batchAt(1), batchSize: 2 })).toThrow(/must hold 2 \* 12 tokens, got 36/)
    expect(() => step(randomBatch({ batchSize: 1, seqLen: 13, vocabSize, seed: 1 }))).toThrow(
      /must hold 1 \* 12 tokens, got 13/,
    )
    session.dispose()
  })
})
