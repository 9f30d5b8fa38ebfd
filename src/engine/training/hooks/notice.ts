import { notices } from '../notices/registry.ts'
import type { Hook } from '../runContext.ts'

/** Tells what can be seen of the run after each validation, each thing once. It changes no number. */
export default {
  name: 'notice',
  isDue: ({ evaluation }) => evaluation !== null,
  async *run({ progress, history, said }) {
    for (const { id, title, look } of notices.all) {
      if (said.has(id)) continue
      const detail = look(history)
      if (detail === null) continue
      said.add(id)
      yield { type: 'notice', step: progress.step, level: 'warning', title, detail }
    }
  },
} satisfies Hook
