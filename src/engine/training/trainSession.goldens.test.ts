import { expect, it } from 'vitest'
import { greedy } from '../../core/sampling.ts'
import { Generator } from '../../core/rng.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { describeGoldens, values } from '../../../tests/helpers/goldens.ts'
import { gpt2Batch, gpt2Config, readGoldenTensors, type Gpt2Case } from '../../../tests/helpers/gpt2Tiny.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import { generate } from '../generation/generate.ts'
import { createTrainSession, type StepReadings } from './trainSession.ts'

await describeOnDevices('a session with GPT-2’s tensors', (device) => {
  function open(golden: Gpt2Case, file = 'gpt2_tiny.safetensors', stage: Record<string, unknown> = {}) {
    const session = createTrainSession({
      device: device(),
      config: gpt2Config(golden, stage),
      facts: { vocabSize: golden.config.vocab_size },
    })
    session.importState(readGoldenTensors(file), 'weights')
    return session
  }
  async function train(golden: Gpt2Case, stage: Record<string, unknown> = {}) {
    const session = open(golden, undefined, stage)
    const readings: StepReadings[] = []
    for (let step = 0; step < 5; step++) {
      const request = { step, stageStep: step, batches: [gpt2Batch(golden)], learningRate: 0.01 }
      readings.push(await session.step(request).read())
    }
    return { session, readings }
  }

  describeGoldens<{ cases: Gpt2Case[] }>('gpt/gpt2_tiny.json', ({ cases }) => {
    const trained = cases.filter(({ expected }) => expected.adamw)
    it.each(trained.map((golden) => [golden.name, golden] as const))(
      '%s: five AdamW steps',
      async (_name, golden) => {
        const { session, readings } = await train(golden)
        const { loss_before_step, weights_after_5_steps } = golden.expected.adamw!
        expectClose(
          readings.map(({ loss }) => loss),
          loss_before_step,
          { rtol: 0, atol: golden.tolerance.loss_abs },
          'loss',
        )
        const found = await session.exportState()
        for (const [name, expected] of Object.entries(weights_after_5_steps)) {
          // The keys' biases have no gradient but rounding noise, which Adam blows up to full steps.
          const isCompared = (i: number) => !name.endsWith('c_attn.bias') || i < 16 || i >= 32
          const ours = [...(found.get(name)!.data as Float32Array)].filter((_, i) => isCompared(i))
          const theirs = values(expected).filter((_, i) => isCompared(i))
          expectClose(ours, theirs, { rtol: 0, atol: golden.tolerance.weights_abs }, name)
        }
        session.dispose()
      },
    )

    it.each(trained.map((golden) => [golden.name, golden] as const))(
      '%s: clipped by global norm',
      async (_name, golden) => {
        const { max_grad_norm, loss_before_step, grad_norm_before_clipping } = golden.expected.adamw_clipped!
        const { session, readings } = await train(golden, { gradClipNorm: max_grad_norm })
        expectClose(
          readings.map(({ loss }) => loss),
          loss_before_step,
          { rtol: 0, atol: 2e-5 },
          'loss',
        )
        expectClose(
          readings.map(({ gradNorm }) => gradNorm),
          grad_norm_before_clipping,
          { rtol: 1e-4, atol: 0 },
          'norm',
        )
        session.dispose()
      },
    )

    it.each(cases.map((golden) => [golden.name, golden] as const))(
      '%s: greedy continuation',
      async (_name, golden) => {
        const session = open(golden)
        const { prompt, continuation } = golden.expected.greedy
        const written: number[] = []
        const options = {
          tokens: prompt,
          count: 20,
          ...greedy,
          generator: new Generator(1, 'sample'),
        }
        for await (const id of generate(session, options)) written.push(id)
        expect(written).toEqual(continuation)
        session.dispose()
      },
    )

    it('reads the hub’s names with mask buffers, and a repeated tied head', async () => {
      const golden = cases[0]!
      for (const file of ['gpt2_tiny_hub_names.safetensors', 'gpt2_tiny_with_lm_head.safetensors']) {
        const session = open(golden, file)
        const loss = (await session.evaluate(gpt2Batch(golden))).loss
        expect(Math.abs(loss - golden.expected.loss)).toBeLessThanOrEqual(golden.tolerance.loss_abs)
        session.dispose()
      }
    })
  })
})
