import { Generator } from '../../../core/rng.ts'
import { samplingOf } from '../../../core/sampling.ts'
import { generate } from '../../generation/generate.ts'
import { tasks } from '../../tasks/registry.ts'
import type { Hook } from '../runContext.ts'
import { promptWriter } from '../writing.ts'

/** Lets the model write something, from numbers of its own, so that sampling never moves the training. */
export default {
  name: 'sample',
  isDue: ({ config, data, progress, isEndOfRun, controls }) =>
    data.text !== null &&
    tasks.get(config.task).canWrite &&
    (controls.demands.has('sample') ||
      (config.evaluation.sampleEvery > 0 &&
        (isEndOfRun || progress.step % config.evaluation.sampleEvery === 0))),
  async *run({ session, config, data, progress, controls }) {
    const { text } = data
    if (text === null) return
    // There is nothing to turn into something else.
    if (tasks.get(config.task).writing !== undefined && config.evaluation.samplePrompt === '') return
    const { samplePrompt, sampleTokens } = config.evaluation
    const prompt = text.encode(samplePrompt)
    const written: number[] = []
    yield { type: 'phase', phase: { name: 'sampling', done: 0, total: sampleTokens, unit: '' } }
    const writer = promptWriter(session, prompt.length > 0 ? prompt : [text.startToken])
    const stream = generate(writer.model, {
      ...writer,
      count: Math.min(sampleTokens, writer.most ?? sampleTokens),
      ...samplingOf(config.evaluation),
      generator: new Generator(config.seed, `sample/${progress.step}`),
    })
    for await (const token of stream) written.push(token)
    yield { type: 'sample', step: progress.step, prompt: samplePrompt, text: text.decode(written) }
    controls.demands.delete('sample')
  },
} satisfies Hook
