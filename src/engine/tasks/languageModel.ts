import { outputOf } from '../models/modelInputs.ts'
import { defineTask } from './defineTask.ts'

/** Next-token prediction on text (Bengio et al. 2003). */
export default defineTask({
  id: 'language-model',
  title: 'Language model',
  summary: 'Learns from text to say what comes next, and so to write.',
  dataKinds: ['text'],
  models: ['gpt'],
  losses: ['cross-entropy'],
  measured: { name: 'cross-entropy', params: { labelSmoothing: 0 } },
  metricIds: ['perplexity', 'bitsPerToken'],
  forward(predict, { targets, ...tokens }) {
    const output = predict({ tokens: { ...tokens, mask: null, onlyRow: null } })
    return { classes: { logits: outputOf(output, 'logits'), targets } }
  },
})
