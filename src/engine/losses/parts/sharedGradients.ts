import { offTape } from '../../backend/offTape.ts'
import {
  addN,
  engine,
  scalar,
  sqrt,
  square,
  stack,
  sum,
  Variable,
  type Scalar,
  type Tensor,
  type Tensor1D,
} from '../../backend/tfjs.ts'
import { withGradientPlaces } from '../../kernels/gradientOutput.ts'

/** What tfjs keeps of an operation for the backward pass (its `TapeNode`). */
interface TapeNode {
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly outputs: readonly Tensor[]
}

/**
 * The last of what all losses are computed from, as the tape of the running forward pass has it: tensors that depend on
 * weights, that every loss depends on, and that something reads which not every loss depends on.
 */
function lastShared(losses: readonly Scalar[]): Tensor[] {
  const tape = (engine().state.activeTape ?? []) as readonly TapeNode[]
  const inputsOf = (node: TapeNode): Tensor[] => Object.values(node.inputs)
  const learned = new Set<number>()
  for (const node of tape)
    if (inputsOf(node).some((x) => x instanceof Variable || learned.has(x.id)))
      for (const output of node.outputs) learned.add(output.id)
  const uses = new Map<number, number>()
  const behind = losses.map((loss) => {
    const found = new Set([loss.id])
    for (const node of tape.toReversed())
      if (node.outputs.some((output) => found.has(output.id))) for (const x of inputsOf(node)) found.add(x.id)
    for (const id of found) uses.set(id, (uses.get(id) ?? 0) + 1)
    return found
  })
  const isShared = (x: Tensor): boolean => uses.get(x.id) === losses.length
  const last = new Map<number, Tensor>()
  for (const node of tape) {
    const isOfSome = node.outputs.some((output) => behind.some((found) => found.has(output.id)))
    if (!isOfSome || node.outputs.some(isShared)) continue
    for (const x of inputsOf(node))
      if (isShared(x) && learned.has(x.id) && !(x instanceof Variable)) last.set(x.id, x)
  }
  return [...last.values()]
}

/**
 * How strongly each loss pulls at the representation that all have in common: the norm of its gradient there. Call in
 * the forward pass whose tape the losses are on, on which it leaves nothing.
 * @returns [n]; zeros where the losses have nothing in common
 */
export function sharedGradientNorms(losses: readonly Scalar[]): Tensor1D {
  const shared = lastShared(losses)
  const normOf = (loss: Scalar): Scalar => {
    if (shared.length === 0) return scalar(0)
    // Weights of heads have their places for the backward pass that is to come.
    const { grads } = withGradientPlaces(new Map(), () =>
      engine().gradients(() => loss, shared, undefined, true),
    )
    const squares = (grads as (Tensor | undefined)[]).flatMap((each) =>
      each === undefined ? [] : [sum(square(each)) as Scalar],
    )
    return squares.length === 0 ? scalar(0) : sqrt(addN(squares))
  }
  return offTape(() => stack(losses.map(normOf)) as Tensor1D)
}
