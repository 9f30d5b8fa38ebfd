import { defineStep, jsonCodec, type StepTask } from '../../src/data/steps/defineStep.ts'
import { stepNode, type GraphNode, type StepNode } from '../../src/data/steps/stepNode.ts'

type Task = StepTask<unknown, Record<string, unknown>>

/** For tests: a step that counts how often it was computed, and gives back its task unless told otherwise. */
export function countingStep(
  id: string,
  run: (task: Task) => unknown = ({ config, seed, inputs }) => ({ config, seed, inputs }),
) {
  const calls = { count: 0 }
  const kind = defineStep<unknown, Record<string, unknown>, unknown>({
    id,
    title: id,
    version: 1,
    codec: jsonCodec(),
    run(task) {
      calls.count++
      return run(task)
    },
  })
  return { kind, calls }
}

export function nodeOf(
  kind: ReturnType<typeof countingStep>['kind'],
  config: unknown,
  inputs: Record<string, GraphNode<unknown>> = {},
  seed?: number,
): StepNode<unknown> {
  return stepNode(kind, { config, inputs, ...(seed === undefined ? {} : { seed }) })
}
