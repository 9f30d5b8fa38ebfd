import { samplingFields } from '../sampling.ts'
import type { Field } from '../schema.ts'

/** Those whose model writes text. */
const writingTasks = ['language-model', 'translation'] as const

/** What is measured and kept as a run goes on. */
export const evaluationField = {
  type: 'group',
  label: 'Evaluation',
  help: 'What is measured and kept as the run goes on.',
  fields: {
    batches: {
      type: 'int',
      label: 'Validation batches',
      help: 'How many batches a validation loss is averaged over; always the same ones.',
      default: 8,
      min: 1,
      max: 4096,
    },
    checkpointEvery: {
      type: 'int',
      label: 'Checkpoint every',
      help: 'The latest state is also kept every minute, when the tab is hidden, when you pause, and at the end.',
      default: 250,
      min: 1,
      max: 1000000,
      unit: 'steps',
      scale: 'log',
    },
    sampleEvery: {
      type: 'int',
      tasks: writingTasks,
      label: 'Sample every',
      help: 'How often the model writes something; 0 never.',
      default: 250,
      min: 0,
      max: 1000000,
      unit: 'steps',
    },
    samplePrompt: {
      type: 'text',
      tasks: writingTasks,
      label: 'Prompt',
      help: 'What samples begin with, or what is translated; empty starts from a line break, and translates nothing.',
      default: '',
      maxLength: 500,
      isMultiline: true,
    },
    sampleTokens: {
      type: 'int',
      tasks: writingTasks,
      label: 'Sample length',
      help: 'How much it writes.',
      default: 160,
      min: 1,
      max: 2048,
      unit: 'tokens',
    },
    ...samplingFields,
  },
} as const satisfies Field
