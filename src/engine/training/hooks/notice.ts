import { keptBatch } from '../keptBatch.ts'
import { notices } from '../notices/registry.ts'
import type { Hook } from '../runContext.ts'

/** Tells what can be seen of the run after each validation, each thing once. It changes no number. */
export default {
  name: 'notice',
  isDue: ({ evaluation }) => evaluation !== null,
  async *run(context) {
    const { progress, history, said } = context
    for (const { id, title, look } of notices.all) {
      if (said.has(id)) continue
      const found = look(history)
      if (found === null) continue
      said.add(id)
      const told = { type: 'notice', step: progress.step, level: 'warning', title } as const
      if (typeof found === 'string') yield { ...told, detail: found }
      else {
        const { detail, sinceStep, isOfBatch } = found
        const batch = isOfBatch ? yield* keptBatch(context, sinceStep) : null
        yield { ...told, detail, sinceStep, ...(batch && { batch }) }
      }
    }
  },
} satisfies Hook
