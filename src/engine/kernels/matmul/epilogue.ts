import type { StoredType } from '../../backend/storedType.ts'
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from '../../backend/tfjs.ts'
import activationFunctions from '../activations/activations.wgsl?raw'
import type { DropoutOptions } from '../dropout/dropout.ts'
import { components, elementType, fourAt, range, type MatmulShape } from './matmulShape.ts'

/** A function of activations.wgsl with its `_slope`. */
export type BendName = 'gelu_tanh' | 'gelu_exact' | 'quick_gelu' | 'silu' | 'relu' | 'relu_squared'

/**
 * What happens to four neighbouring values `v` of a product before they are stored. Matrices, or stacks of them, are of
 * the shape of the product; `code` finds those of `reads` as vec4 values of their names, assigns to those of `writes`, and does both
 * to those of `updates`.
 */
export interface EpiloguePart {
  readonly key: string
  readonly reads?: Readonly<Record<string, Tensor2D | Tensor3D>>
  readonly writes?: Readonly<Record<string, Tensor2D>>
  readonly updates?: Readonly<Record<string, Tensor2D>>
  readonly code: string
}

/** v becomes act(v); the value before goes to `pre`. */
export function bend(name: BendName, pre: Tensor2D | null): EpiloguePart {
  const keep = pre === null ? {} : { writes: { pre } }
  return {
    key: `${name}${pre ? ' kept' : ''}`,
    ...keep,
    code: `${pre ? 'pre = v; ' : ''}v = ${four(name, 'v')};`,
  }
}

/** v becomes v · act'(pre), and pre becomes act(pre), which the forward pass did not keep. */
export function unbend(name: BendName, pre: Tensor2D): EpiloguePart {
  return {
    key: `${name} slope`,
    updates: { pre },
    code: `v *= ${four(`${name}_slope`, 'pre')}; pre = ${four(name, 'pre')};`,
  }
}

/** v becomes silu(gate) · v; the value before goes to `up`. */
export function gated(gate: Tensor2D, up: Tensor2D | null): EpiloguePart {
  const keep = up === null ? {} : { writes: { up } }
  return {
    key: `gated${up ? ' kept' : ''}`,
    reads: { gate },
    ...keep,
    code: `${up ? 'up = v; ' : ''}v *= ${four('silu', 'gate')};`,
  }
}

/** v, the gradient of silu(gate) · up, becomes that of `up`; that of `gate` is written, and up becomes the product. */
export function ungated(gate: Tensor2D, up: Tensor2D, dgate: Tensor2D): EpiloguePart {
  const code = `let s = ${four('silu', 'gate')}; dgate = v * up * ${four('silu_slope', 'gate')}; up = s * up; v *= s;`
  return { key: 'ungated', reads: { gate }, writes: { dgate }, updates: { up }, code }
}

export function plus(residual: Tensor2D): EpiloguePart {
  return { key: 'plus', reads: { residual }, code: 'v += residual;' }
}

/** Dropout numbers the elements of the product as `kernels/dropout` does. */
export interface Epilogue {
  readonly bias: Tensor1D | null
  /** First parts, then dropout, then those of `last`. */
  readonly parts: readonly EpiloguePart[]
  readonly dropout: DropoutOptions | null
  readonly last: readonly EpiloguePart[]
  /** Adds to what the output holds. */
  readonly isAdding: boolean
}

export const noEpilogue: Epilogue = { bias: null, parts: [], dropout: null, last: [], isAdding: false }

/** All that it changes. */
function writtenBy({ writes, updates }: EpiloguePart): Readonly<Record<string, Tensor2D>> {
  return { ...writes, ...updates }
}

function partsOf({ parts, last }: Epilogue): EpiloguePart[] {
  return [...parts, ...last]
}

export function epilogueKey(epilogue: Epilogue): string {
  const { bias, parts, dropout, last, isAdding } = epilogue
  return [
    bias && 'bias',
    ...parts.map(({ key }) => key),
    dropout && 'dropout',
    ...last.map(({ key }) => key),
    isAdding && 'adding',
  ]
    .filter((text) => typeof text === 'string')
    .join(' + ')
}

export function epilogueTensors(epilogue: Epilogue): { writes: Tensor[]; reads: Tensor[] } {
  const parts = partsOf(epilogue)
  return {
    writes: parts.flatMap((part) => Object.values(writtenBy(part))),
    reads: [
      ...parts.flatMap(({ reads }) => Object.values(reads ?? {})),
      ...(epilogue.bias ? [epilogue.bias] : []),
    ],
  }
}

/** How each tensor of a product is stored. */
export type StoredOf = (tensor: Tensor) => StoredType

/** Names and element types in the order of {@link epilogueTensors}. */
export function epilogueBindings(
  { columns }: MatmulShape,
  epilogue: Epilogue,
  storedOf: StoredOf,
): Record<'writes' | 'reads', Record<string, string>> {
  const named = (
    tensorsOf: (part: EpiloguePart) => Readonly<Record<string, Tensor>>,
  ): Record<string, string> =>
    Object.fromEntries(
      partsOf(epilogue).flatMap((part) =>
        Object.entries(tensorsOf(part)).map(([name, tensor]) => [
          `${name}_values`,
          elementType(columns, storedOf(tensor)),
        ]),
      ),
    )
  const { bias } = epilogue
  const ofBias = bias && { bias: elementType(columns, storedOf(bias)) }
  return { writes: named(writtenBy), reads: { ...named(({ reads }) => reads ?? {}), ...ofBias } }
}

/**
 * WGSL `finish(part, row, column, sum)`: what becomes of the products of a row at a column (a multiple of 4) and the
 * three after it. Nothing is written past the edges. Partial products go to matrices of their own, one for each part.
 */
export function finishFunction(
  shape: MatmulShape,
  epilogue: Epilogue,
  { output, storedOf }: { output: StoredType; storedOf: StoredOf },
): string {
  const { count, rows, columns } = shape
  const { bias, parts, dropout, last, isAdding } = epilogue
  const isWide = columns % 4 === 0
  const at = (name: string, index: string): string => fourAt(name, index, columns)
  const store = (name: string, value: string, stored: StoredType): string =>
    isWide
      ? `${name}[at / 4u] = vec4<${stored}>(${value});`
      : range(4)
          .map(
            (c) =>
              `if (column + ${c}u < ${columns}u) { ${name}[at + ${c}u] = ${stored}(${value}.${components[c]}); }`,
          )
          .join(' ')
  const all = partsOf(epilogue)
  const functions = all.some(({ code }) => /silu|gelu|relu/.test(code)) ? activationFunctions : ''
  return `${functions}${dropout ? dropoutFunction(isWide) : ''}
fn finish(part: u32, row: u32, column: u32, sum: vec4<f32>) {
  if (row < ${rows}u && column < ${columns}u${count === 1 ? '' : ` && stack < ${count}u`}) {
  let at = (${count === 1 ? 'part' : `(part * ${count}u + stack)`} * ${rows}u + row) * ${columns}u + column;
  var v = sum${bias ? ` + ${at('bias', 'column')}` : ''};
  ${all.flatMap(({ reads }) => Object.keys(reads ?? {}).map((name) => `let ${name} = ${at(`${name}_values`, 'at')};`)).join('\n  ')}
  ${all.flatMap(({ writes }) => Object.keys(writes ?? {}).map((name) => `var ${name}: vec4<f32>;`)).join('\n  ')}
  ${all.flatMap(({ updates }) => Object.keys(updates ?? {}).map((name) => `var ${name} = ${at(`${name}_values`, 'at')};`)).join('\n  ')}
  ${parts.map(({ code }) => code).join('\n  ')}
  ${dropout ? 'v *= factors_at(at);' : ''}
  ${last.map(({ code }) => code).join('\n  ')}
  ${all.flatMap((part) => Object.entries(writtenBy(part)).map(([name, tensor]) => store(`${name}_values`, name, storedOf(tensor)))).join('\n  ')}
  ${isAdding ? `v += ${at('y', 'at')};` : ''}
  ${store('y', 'v', output)}
  }
}
`
}

/** WGSL `column_sums(part, column, sum)`: four of the sums of columns of `b`, for the same parts. */
export function columnSumsFunction({ columns }: MatmulShape): string {
  return `fn column_sums(part: u32, column: u32, sum: vec4<f32>) {
  for (var c = 0u; c < 4u; c++) { if (column + c < ${columns}u) { sums[part * ${columns}u + column + c] = sum[c]; } }
}
`
}

/** Needs `u.dropout` and `counter`. */
function dropoutFunction(isWide: boolean): string {
  const block = (index: string): string => `dropout_factors(u.dropout, counter[0], ${index} / 4u)`
  const one = (c: number): string => `${block(`(at + ${c}u)`)}[(at + ${c}u) % 4u]`
  const value = isWide ? block('at') : `vec4<f32>(${range(4).map(one).join(', ')})`
  return `fn factors_at(at: u32) -> vec4<f32> { return ${value}; }\n`
}

function four(name: string, value: string): string {
  return `vec4<f32>(${components.map((c) => `${name}(${value}.${c})`).join(', ')})`
}
