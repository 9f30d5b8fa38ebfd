import { Generator } from '../../src/core/rng.ts'
import { encodeStepValue, type StepValue } from '../../src/core/stepValue.ts'
import { defineStep, type StepKind, type StepTask } from '../../src/data/steps/defineStep.ts'
import { createMemoryStepStore } from '../../src/data/steps/memoryStepStore.ts'
import { sourceNode, stepNode, type GraphNode, type StepNode } from '../../src/data/steps/stepNode.ts'
import { StepRunner } from '../../src/data/steps/stepRunner.ts'

/** A step of a random graph, as a person would edit it. */
interface Plan {
  version: number
  config: { size: number; name: string; list: number[] }
  seed: number
  /** Places of earlier steps, or of sources below 0. */
  inputs: number[]
}

type Value = StepValue
type Inputs = Record<string, Value>

const sources = 2
const letters = ['a', 'b', 'é', 'e\u0301', '\u0000', '"', '😀', '']

/** Mixes all that it is given into bytes, so that whatever is left out of a key shows. */
function mixed(
  step: number,
  version: number,
  { config, seed, inputs }: StepTask<Plan['config'], Inputs>,
): Value {
  const text = JSON.stringify([step, version, config, seed, Object.keys(inputs)])
  let state = 0x811c9dc5
  const take = (code: number) => (state = Math.imul(state ^ code, 0x01000193) >>> 0)
  for (let i = 0; i < text.length; i++) take(text.charCodeAt(i))
  for (const input of Object.values(inputs)) encodeStepValue(input).forEach(take)
  const bytes = Uint8Array.from({ length: 1 + config.size }, () => take(0) & 255)
  return {
    json: { text, isFull: state % 2 === 0 },
    arrays: { bytes, numbers: Float32Array.of(state, -0, NaN) },
  }
}

function kindOf(step: number, version: number): StepKind<Plan['config'], Inputs, Value> {
  return defineStep<Plan['config'], Inputs, Value>({
    id: `step-${step}`,
    title: '',
    version,
    // One in five is never stored.
    codec: step % 5 === 4 ? null : { pack: (value) => value, unpack: (value) => value },
    run: (task) => mixed(step, version, task),
  })
}

function graphOf(plans: readonly Plan[], contents: readonly string[]): StepNode<Value> {
  const nodes: StepNode<Value>[] = []
  plans.forEach(({ version, config, seed, inputs }, step) => {
    const inputOf = (place: number): GraphNode<Value> => {
      if (place >= 0) return nodes[place]!
      const content = contents[-place - 1]!
      return sourceNode(content, { json: content, arrays: {} })
    }
    const named = Object.fromEntries(inputs.map((place, i) => [`input${i}`, inputOf(place)]))
    nodes.push(stepNode(kindOf(step, version), { config, seed, inputs: named }))
  })
  return nodes.at(-1)!
}

/** From nothing, without keys, stores and runners. */
function recomputed(plans: readonly Plan[], contents: readonly string[]): Uint8Array {
  const values: Value[] = []
  plans.forEach(({ version, config, seed, inputs }, step) => {
    const named = inputs.map((place, i): [string, Value] => [
      `input${i}`,
      place >= 0 ? values[place]! : { json: contents[-place - 1]!, arrays: {} },
    ])
    const task = { config, seed, inputs: Object.fromEntries(named), signal: undefined, onProgress: () => {} }
    values.push(mixed(step, version, task))
  })
  return encodeStepValue(values.at(-1)!)
}

export interface Differing {
  readonly graphs: number
  readonly hits: number
  readonly computed: number
  /** Numbers of the graphs whose result was not that of computing it from nothing. */
  readonly wrong: number[]
}

/**
 * Random graphs with random edits, some taken back, over one store that is small and sometimes damaged: how often a result
 * differs from what is computed from nothing.
 */
export async function checkRandomGraphs(graphs: number, seed: number): Promise<Differing> {
  const random = new Generator(seed, 'random graphs')
  let wrong: number[] = []
  let hits = 0
  let computed = 0
  const edits = 8
  for (let graph = 0; graph < graphs / edits; graph++) {
    let draws = 0
    const below = (bound: number) => random.below(bound, graph, draws++)
    const store = createMemoryStepStore(below(4) === 0 ? 1200 : 1e6)
    const runner = new StepRunner(store)
    const contents = Array.from({ length: sources }, (_, i) => `content ${i}`)
    const newPlan = (step: number): Plan => ({
      version: 1,
      config: {
        size: below(20),
        name: letters[below(letters.length)]!,
        list: Array.from({ length: below(3) }, () => below(2)),
      },
      seed: below(3),
      inputs: Array.from({ length: below(4) }, () => below(step + sources) - sources),
    })
    const plans = Array.from({ length: 2 + below(7) }, (_, step) => newPlan(step))
    for (let edit = 0; edit < edits; edit++) {
      const place = below(plans.length)
      const plan = plans[place]!
      const kind = edit === 0 ? -1 : below(8)
      if (kind === 0) plan.version = 1 + below(3)
      else if (kind === 1) plan.config.size = below(20)
      else if (kind === 2) plan.config.name = letters[below(letters.length)]!
      else if (kind === 3) plan.config.list = Array.from({ length: below(3) }, () => below(2))
      else if (kind === 4) plan.seed = below(3)
      else if (kind === 5) plans[place] = { ...newPlan(place), config: plan.config }
      else if (kind === 6) contents[below(sources)] = `content ${below(4)}`
      else if (kind === 7) damage(store.contents, below)
      const { value, reports } = await runner.run(graphOf(plans, contents))
      if (!isEqual(encodeStepValue(value), recomputed(plans, contents)))
        wrong = [...wrong, graph * edits + edit]
      hits += reports.filter(({ outcome }) => outcome === 'reused').length
      computed += reports.filter(({ outcome }) => outcome === 'computed').length
    }
  }
  return { graphs: Math.ceil(graphs / edits) * edits, hits, computed, wrong }
}

/** One byte of one entry, or its end. */
function damage(contents: Map<string, Uint8Array>, below: (bound: number) => number): void {
  const keys = [...contents.keys()]
  if (keys.length === 0) return
  const key = keys[below(keys.length)]!
  const bytes = contents.get(key)!.slice()
  const at = below(bytes.length)
  bytes[at]! ^= 1 << below(8)
  contents.set(key, below(3) === 0 ? bytes.slice(0, at) : bytes)
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
