import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { bendNames } from '../linear/bends.ts'
import { inputGradient, type Layer, layerGradients, undropped } from '../linear/linearGradients.ts'
import { bend, gated, plus, unbend, ungated } from '../matmul/epilogue.ts'
import { matmul } from '../matmul/matmul.ts'
import { isTapeOn } from '../../backend/tape.ts'
import { newStored, newTensor } from '../wgsl.ts'
import type { FeedForwardChoice, FeedForwardWeights } from './feedForward.ts'

type Inputs = { x: Tensor2D } & FeedForwardWeights & FeedForwardChoice

/** What the backward pass needs: x, and the hidden values before they are bent or gated, which it writes over. */
interface Kept {
  x: Tensor2D
  up: Tensor2D
  gate: Tensor2D | null
}

/** The gradient of every input by its place in {@link tensorsOf}. */
type Gradients = (Tensor | null)[]

function tensorsOf({ x, up, down, gate, residual }: Inputs): (Tensor | null)[] {
  const ofLayer = (layer: Layer | null): (Tensor | null)[] => [layer?.weight ?? null, layer?.bias ?? null]
  return [x, ...ofLayer(up), ...ofLayer(down), ...ofLayer(gate), residual]
}

function isTensor(tensor: Tensor | null): tensor is Tensor {
  return tensor !== null
}

export function fusedFeedForward(backend: LabBackend, inputs: Inputs): Tensor2D {
  // Nothing is kept where no gradients will be asked for.
  if (!isTapeOn()) return tf.tidy(() => forward(backend, inputs, null).value)
  const tensors = tensorsOf(inputs).filter(isTensor)
  return tf.customGrad((...args) => {
    const save = args[tensors.length] as tf.GradSaveFunc
    const { x, up, down, gate } = inputs
    const before = newStored<tf.Rank.R2>(backend, [x.shape[0], up.weight.shape[1]], backend.storedAs(x))
    const { value, gateValues } = forward(backend, inputs, before)
    // Weights too: one that was computed would be gone by the backward pass.
    save([x, before, up.weight, down.weight, ...(gateValues && gate ? [gateValues, gate.weight] : [])])
    tf.dispose([before, ...(gateValues ? [gateValues] : [])])
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedUp, upWeight, downWeight, savedGate = null, gateWeight = null] = saved as [
        Tensor2D,
        Tensor2D,
        Tensor2D,
        Tensor2D,
        Tensor2D?,
        Tensor2D?,
      ]
      const alive: Inputs = {
        ...inputs,
        up: { ...up, weight: upWeight },
        down: { ...down, weight: downWeight },
        gate: gate && gateWeight && { ...gate, weight: gateWeight },
      }
      const kept = { x: savedX, up: savedUp, gate: savedGate }
      return backward(backend, alive, kept, dy as Tensor2D).filter(isTensor)
    }
    return { value, gradFunc }
  })(...tensors) as Tensor2D
}

/** @param before gets the hidden values before they are bent or gated, where they are wanted */
function forward(
  backend: LabBackend,
  inputs: Inputs,
  before: Tensor2D | null,
): { value: Tensor2D; gateValues: Tensor2D | null } {
  const { x, up, down, gate, activation, residual, dropout } = inputs
  const stored = backend.storedAs(x)
  const gateValues = gate && matmul(backend, { a: x, b: gate.weight, stored, epilogue: { bias: gate.bias } })
  const part = gateValues ? gated(gateValues, before) : bend(bendNames[activation], before)
  const hidden = matmul(backend, { a: x, b: up.weight, stored, epilogue: { bias: up.bias, parts: [part] } })
  const value = matmul(backend, {
    a: hidden,
    b: down.weight,
    stored: backend.storedAs(residual ?? x),
    epilogue: { bias: down.bias, dropout, last: residual ? [plus(residual)] : [] },
  })
  hidden.dispose()
  return { value, gateValues }
}

function backward(backend: LabBackend, inputs: Inputs, kept: Kept, dy: Tensor2D): Gradients {
  const { up, down, gate, activation, residual, dropout } = inputs
  const dDown = undropped(backend, dy, dropout)
  const dGate = gate && newTensor<tf.Rank.R2>(backend, kept.up.shape)
  const part =
    kept.gate && dGate ? ungated(kept.gate, kept.up, dGate) : unbend(bendNames[activation], kept.up)
  const dUp = inputGradient(backend, dDown, down.weight, { epilogue: { parts: [part] } })
  // Which has become what `down` was given.
  const ofDown = layerGradients(backend, kept.up, dDown, down)
  const dx = inputGradient(backend, dUp, up.weight)
  if (gate && dGate) inputGradient(backend, dGate, gate.weight, { epilogue: { isAdding: true }, output: dx })
  const ofUp = layerGradients(backend, kept.x, dUp, up)
  const ofGate = gate && dGate ? layerGradients(backend, kept.x, dGate, gate) : null
  tf.dispose([dUp, ...(dGate ? [dGate] : []), ...(dDown === dy ? [] : [dDown])])
  return [
    dx,
    ofUp.weight,
    ofUp.bias,
    ofDown.weight,
    ofDown.bias,
    ofGate?.weight ?? null,
    ofGate?.bias ?? null,
    residual && tf.clone(dy),
  ]
}
