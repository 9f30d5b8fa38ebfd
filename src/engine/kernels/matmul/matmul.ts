import type { LabBackend } from '../../backend/labBackend.ts'
import type { StoredType } from '../../backend/storedType.ts'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { counterOf, dropoutUniforms } from '../dropout/dropoutKernel.ts'
import philox from '../dropout/philox.wgsl?raw'
import { bindings, elementGrid, enabling, newStored, newTensor } from '../wgsl.ts'
import { chooseMatmul, matmulKey } from './chooseMatmul.ts'
import {
  columnSumsFunction,
  type Epilogue,
  epilogueBindings,
  epilogueKey,
  epilogueTensors,
  finishFunction,
  noEpilogue,
  type StoredOf,
} from './epilogue.ts'
import { kernels, type MatmulKernelName } from './matmulKernels.ts'
import { elementType, rowBlocks, stackVariable, type MatmulShape } from './matmulShape.ts'
import { unfoldedType, unfoldedWidth, type Unfolding } from './unfolding.ts'
import addParts from './addParts.wgsl?raw'

export interface Product {
  /** [M, K], or [K, M] where transposed */
  readonly a: Tensor2D
  /** [K, N], or [N, K] where transposed */
  readonly b: Tensor2D
  readonly isATransposed?: boolean
  readonly isBTransposed?: boolean
  /** `a` is images [B * height * width, channels]; op(a) is their windows, transposed where it says so. */
  readonly unfolding?: Unfolding
  /** `b` is a convolution's weight [taps * N, channels], of whose gradient this is the product: see `flippedLoads`. */
  readonly isBFlipped?: boolean
  readonly epilogue?: Partial<Epilogue>
  /** [M, N], written in full; a new tensor by default */
  readonly output?: Tensor2D
  /** How a new one is stored; f32 by default. */
  readonly stored?: StoredType
  /** [N], which gets the sums of the columns of op(b): a bias gradient beside a weight's. */
  readonly columnSums?: Tensor1D
  /** Instead of the backend's choice, for measurements. */
  readonly kernel?: MatmulKernelName
}

/**
 * op(a) · op(b) with what follows it, in one dispatch (two where the sums are made in parts), without a gradient. A
 * fixed order of sums, which are f32 however the matrices are stored.
 * @returns [M, N]
 */
export function matmul(backend: LabBackend, product: Product): Tensor2D {
  const shape = shapeOf(product)
  const output =
    product.output ?? newStored<tf.Rank.R2>(backend, [shape.rows, shape.columns], product.stored ?? 'f32')
  multiply(backend, shape, { ...product, output })
  return output
}

/** Products of matrices of one shape: those of two stacks, one by one. */
export interface StackProduct extends Pick<
  Product,
  'isATransposed' | 'isBTransposed' | 'epilogue' | 'kernel'
> {
  /** [count, M, K], or [count, K, M] where transposed */
  readonly a: Tensor3D
  /** [count, K, N], or [count, N, K] where transposed */
  readonly b: Tensor3D
  /** [count, M, N], written in full; a new tensor by default */
  readonly output?: Tensor3D
}

/**
 * {@link matmul} for a whole stack, in as many dispatches as for one. What follows goes by the stack's elements.
 * @returns [count, M, N]
 */
export function matmulStack(backend: LabBackend, product: StackProduct): Tensor3D {
  const { a, b, isATransposed, isBTransposed } = product
  const [rows, inner] = isATransposed ? [a.shape[2], a.shape[1]] : [a.shape[1], a.shape[2]]
  const columns = b.shape[isBTransposed ? 1 : 2]
  const order = { isATransposed: isATransposed ?? false, isBTransposed: isBTransposed ?? false }
  const shape = { count: a.shape[0], rows, columns, inner, ...order }
  const output = product.output ?? newTensor<tf.Rank.R3>(backend, [shape.count, rows, columns])
  multiply(backend, shape, { ...product, output })
  return output
}

type Operands = Pick<Product, 'epilogue' | 'columnSums' | 'kernel'> & { a: Tensor; b: Tensor; output: Tensor }

function multiply(backend: LabBackend, shape: MatmulShape, product: Operands): void {
  const { output } = product
  const epilogue: Epilogue = { ...noEpilogue, ...product.epilogue }
  const isPlain = epilogueKey(epilogue) === ''
  const name = product.kernel ?? chooseMatmul(backend, shape, isPlain)
  const { parts } = kernels[name]
  if (parts === 1) {
    dispatchProduct(backend, { product, shape, epilogue, name, output, sums: product.columnSums ?? null })
    return
  }
  const partial = newTensor<tf.Rank.R2>(backend, [parts, output.size])
  const partialSums = product.columnSums ? newTensor<tf.Rank.R2>(backend, [parts, shape.columns]) : null
  dispatchProduct(backend, { product, shape, epilogue, name, output: partial, sums: partialSums })
  addInOrder(backend, partial, output, partialSums, product.columnSums ?? null)
  partial.dispose()
  partialSums?.dispose()
}

export function shapeOf(product: Product): MatmulShape {
  const { a, b, isATransposed = false, isBTransposed = false, unfolding = null, isBFlipped = false } = product
  const [height, width] = unfolding ? windowsOf(a, unfolding) : a.shape
  const [inner, rows] = isATransposed ? [height, width] : [width, height]
  const taps = unfolding && isBFlipped ? unfolding.kernel[0] * unfolding.kernel[1] : 1
  const columns = b.shape[isBTransposed ? 0 : 1] / taps
  return { count: 1, rows, columns, inner, isATransposed, isBTransposed, unfolding, isBFlipped }
}

function windowsOf(images: Tensor2D, unfolding: Unfolding): [number, number] {
  const { height, width, outHeight, outWidth } = unfolding
  const count = images.shape[0] / (height * width)
  return [count * outHeight * outWidth, unfoldedWidth(unfolding)]
}

interface Job {
  product: Operands
  shape: MatmulShape
  epilogue: Epilogue
  name: MatmulKernelName
  output: Tensor
  sums: Tensor | null
}

function dispatchProduct(backend: LabBackend, { product, shape, epilogue, name, output, sums }: Job): void {
  const kernel = kernels[name]
  const { dropout } = epilogue
  const counter = dropout ? counterOf(dropout) : null
  const extra = epilogueTensors(epilogue)
  // Now: a text that is asked for later may find them gone.
  const tensors = [output, product.a, product.b, ...extra.writes, ...extra.reads]
  const types = new Map(tensors.map((tensor) => [tensor, backend.storedAs(tensor)]))
  const storedOf: StoredOf = (tensor) => types.get(tensor)!
  const stored = { a: storedOf(product.a), b: storedOf(product.b), output: storedOf(output), storedOf }
  const all = tensors.map(storedOf)
  const halves = all.includes('f16') ? ` ${all.join(' ')}` : ''
  // Blocks of rows in y, folded into z where there are very many.
  const [line, folds] = backend.line(rowBlocks(shape, kernel.block[0]))
  backend.dispatch({
    key: `matmul ${matmulKey(shape)} ${name}${sums ? ' sums' : ''} ${epilogueKey(epilogue)}${halves}`,
    wgsl: () => programOf(name, { shape, epilogue, stored, hasSums: sums !== null }),
    writes: [output, ...(sums ? [sums] : []), ...extra.writes],
    reads: [product.a, product.b, ...extra.reads, ...(counter ? [counter] : [])],
    ...(dropout && { uniforms: dropoutUniforms(dropout) }),
    grid: [Math.ceil(shape.columns / kernel.block[1]) * kernel.parts, line, folds],
    flops: 2 * shape.count * shape.rows * shape.columns * shape.inner,
    takesHalf: true,
  })
  counter?.dispose()
}

export interface ProductProgram {
  readonly shape: MatmulShape
  readonly epilogue: Epilogue
  readonly stored: {
    readonly a: StoredType
    readonly b: StoredType
    readonly output: StoredType
    /** Of what the epilogue reads and writes. */
    readonly storedOf: StoredOf
  }
  readonly hasSums: boolean
}

/** The whole WGSL of a product. Buffers: y, sums, written by the epilogue, a, b, read by the epilogue, counter. */
export function programOf(
  name: MatmulKernelName,
  { shape, epilogue, stored, hasSums }: ProductProgram,
): string {
  const { rows, columns, inner, isATransposed, isBTransposed, unfolding, isBFlipped } = shape
  const widthOfB = unfolding && isBFlipped ? unfolding.channels : isBTransposed ? inner : columns
  const { a, b, output, storedOf } = stored
  const { writes, reads } = epilogueBindings(shape, epilogue, storedOf)
  const ofEpilogue = Object.values(epilogueTensors(epilogue)).flat().map(storedOf)
  const kernel = kernels[name]
  const declarations = bindings(
    { y: elementType(columns, output), ...(hasSums && { sums: 'f32' }), ...writes },
    {
      a: unfolding ? unfoldedType(unfolding, a) : elementType(isATransposed ? rows : inner, a),
      b: elementType(widthOfB, b),
      ...reads,
      ...(epilogue.dropout && { counter: 'vec2<u32>' }),
    },
    epilogue.dropout ? 'dropout: Dropout' : '',
  )
  return [
    enabling(a, b, output, ...ofEpilogue),
    kernel.head,
    epilogue.dropout ? philox : '',
    declarations,
    stackVariable(shape),
    finishFunction(shape, epilogue, stored),
    hasSums ? columnSumsFunction(shape) : '',
    kernel.wgsl(shape, hasSums),
  ].join('\n')
}

/** Sums of the parts in ascending order, of the product and of the columns at once. */
function addInOrder(
  backend: LabBackend,
  partial: Tensor,
  output: Tensor,
  partialSums: Tensor | null,
  sums: Tensor1D | null,
): void {
  const parts = partial.shape[0]!
  for (const [from, to] of [
    [partial, output],
    [partialSums, sums],
  ]) {
    if (!from || !to) continue
    const stored = backend.storedAs(to)
    backend.dispatch({
      key: `matmul parts ${parts} ${stored}`,
      wgsl: () =>
        enabling(stored) +
        bindings({ total: stored }, { partial: 'f32' }) +
        `alias Stored = ${stored};\nconst PARTS = ${parts}u;\n` +
        addParts,
      takesHalf: true,
      writes: [to],
      reads: [from],
      grid: elementGrid(backend, to.size),
    })
  }
}
