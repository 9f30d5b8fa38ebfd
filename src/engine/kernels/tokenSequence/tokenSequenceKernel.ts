import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor2D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { gradientOutput } from '../gradientOutput.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor, units } from '../wgsl.ts'
import joinBody from './join.wgsl?raw'
import tokensBody from './tokens.wgsl?raw'
import sharedBody from './shared.wgsl?raw'
import type { TokenSequence } from './tokenSequence.ts'

/** Forward 1 dispatch; backward 1 for prefix and positions, and 1 for x if somebody asks for it. Nothing is kept. */
export function fusedTokenSequence(backend: LabBackend, sequence: TokenSequence): Tensor2D {
  const { x, batchSize, prefix, positions } = sequence
  const width = x.shape[1]
  const { type, count, text } = units(width)
  const sizes = sizesOf(sequence)
  const { PREFIX, LENGTH } = sizes
  const key = `${width} ${Object.values(sizes).join(' ')}${prefix ? ' prefix' : ''}${positions ? ' positions' : ''}`
  const head = text + constants(sizes)
  const ofWeights = (name: string): Record<string, string> => ({
    ...(prefix && { [`prefix${name}`]: type }),
    ...(positions && { [`positions${name}`]: type }),
  })
  const weights = [prefix, positions].filter((weight) => weight !== null)
  const join = (): Tensor => {
    const y = newTensor<tf.Rank.R2>(backend, [batchSize * LENGTH, width])
    backend.dispatch({
      key: `tokenSequence ${key}`,
      wgsl: () =>
        head +
        bindings({ y: type }, { x: type, ...ofWeights('') }) +
        `fn prefix_at(i: u32) -> Unit { return ${prefix ? 'Unit(prefix[i])' : 'Unit(0.0)'}; }\n` +
        `fn position_at(i: u32) -> Unit { return ${positions ? 'Unit(positions[i])' : 'Unit(0.0)'}; }\n` +
        joinBody +
        forEachElement('arrayLength(&y)'),
      writes: [y],
      reads: [x, ...weights],
      grid: elementGrid(backend, batchSize * LENGTH * count),
    })
    return y
  }
  const tokenGradient = (dy: Tensor): Tensor => {
    const dx = newTensor<tf.Rank.R2>(backend, x.shape)
    backend.dispatch({
      key: `tokenSequence tokens ${key}`,
      wgsl: () =>
        head + bindings({ dx: type }, { dy: type }) + tokensBody + forEachElement('arrayLength(&dx)'),
      writes: [dx],
      reads: [dy],
      grid: elementGrid(backend, x.shape[0] * count),
    })
    return dx
  }
  const weightGradients = (dy: Tensor): Tensor[] => {
    const writes = weights.map((weight) => gradientOutput(backend, weight))
    const rows = PREFIX + (positions?.shape[0] ?? 0)
    backend.dispatch({
      key: `tokenSequence shared ${key}`,
      wgsl: () =>
        head +
        bindings(ofWeights('_gradient'), { dy: type }) +
        `fn put_prefix(i: u32, sum: Unit) { ${prefix ? 'prefix_gradient[i] = sum;' : ''} }\n` +
        `fn put_position(i: u32, sum: Unit) { ${positions ? 'positions_gradient[i] = sum;' : ''} }\n` +
        sharedBody +
        forEachElement(`${rows}u * UNITS`),
      writes,
      reads: [dy],
      grid: elementGrid(backend, rows * count),
    })
    return writes
  }
  const [value] = customGradients([x, ...weights], () => ({
    values: [join()],
    gradFunc: ([dy]) => [() => tokenGradient(dy!), ...weightGradients(dy!)],
  }))
  return value as Tensor2D
}

/** FIRST: how many tokens of the prefix have positions. */
function sizesOf({ x, batchSize, prefix, positions }: TokenSequence) {
  const tokens = x.shape[0] / batchSize
  const count = prefix?.shape[0] ?? 0
  return {
    BATCH: batchSize,
    PREFIX: count,
    LENGTH: count + tokens,
    FIRST: positions ? positions.shape[0] - tokens : 0,
  }
}
