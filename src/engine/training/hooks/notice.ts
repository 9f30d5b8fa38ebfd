import { notices } from '../notices/registry.ts'
import type { Hook } from '../runContext.ts'

/** Tells what can be seen of the run after each validation, each thing once. It changes no number. */
export default {
  name: 'notice',
  isDue: ({ evaluation }) => evaluation !== null,
  async *run({ progress, history, said, data, stage }) {
    for (const { id, title, look } of notices.all) {
      if (said.has(id)) continue
      const found = look(history)
      if (found === null) continue
      said.add(id)
      const told = { type: 'notice', step: progress.step, level: 'warning', title } as const
      if (typeof found === 'string') yield { ...told, detail: found }
      else {
        const { batchSize, accumulationSteps } = stage
        const step = found.sinceStep - 1
        // Neighbours that were found anew since then would name other items.
        const refreshedAt = data.refresh ? progress.step - (progress.step % data.refresh.every) : 0
        const { neighbours } = progress
        const batch =
          !found.isOfBatch || step < refreshedAt
            ? null
            : data.trainItems({ step, batchSize, accumulationSteps, neighbours })
        const { detail, sinceStep } = found
        yield { ...told, detail, sinceStep, ...(batch && { batch }) }
      }
    }
  },
} satisfies Hook
