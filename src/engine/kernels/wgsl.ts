import type { LabBackend } from '../backend/labBackend.ts'
import type { StoredType } from '../backend/storedType.ts'
import type { DataType, Rank, ShapeMap, Tensor } from '../backend/tfjs.ts'
import { engine } from '../backend/tfjs.ts'

/** Threads of a workgroup in every kernel that does not say otherwise. */
export const workgroupSize = 64

/** Threads that share a row: one workgroup with a tree of sums, or one thread alone (no barriers). */
export type RowLanes = 1 | 64

/**
 * Declarations of group 0 in the order of `Dispatch`: name to element type.
 * @param uniforms members of the uniform struct `u`, as WGSL; empty for none
 */
export function bindings(
  writes: Record<string, string>,
  reads: Record<string, string>,
  uniforms = '',
): string {
  const lines: string[] = []
  const add = (name: string, type: string, access: string): void => {
    lines.push(`@group(0) @binding(${lines.length}) var<storage, ${access}> ${name}: array<${type}>;`)
  }
  for (const [name, type] of Object.entries(writes)) add(name, type, 'read_write')
  for (const [name, type] of Object.entries(reads)) add(name, type, 'read')
  if (uniforms !== '') {
    lines.push(`struct Uniforms { ${uniforms} }`)
    lines.push(`@group(0) @binding(${lines.length - 1}) var<uniform> u: Uniforms;`)
  }
  return `${lines.join('\n')}\n`
}

/** `const` lines; numbers become f32 when `float` made them, u32 otherwise. */
export function constants(values: Record<string, number | boolean | string>): string {
  return Object.entries(values)
    .map(([name, value]) => `const ${name} = ${typeof value === 'number' ? `${value}u` : String(value)};\n`)
    .join('')
}

/** A number as a WGSL f32 expression. */
export function float(value: number): string {
  return `f32(${value})`
}

const mainParameters = `@builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32`

/** Calls `each(index)` for every index below the u32 expression `count`; dispatch with {@link elementGrid}. */
export function forEachElement(count: string): string {
  return `@compute @workgroup_size(${workgroupSize})
fn main(${mainParameters}) {
  let index = (group.x + group.y * groups.x) * ${workgroupSize}u + thread;
  if (index < ${count}) { each(index); }
}
`
}

export function elementGrid(backend: LabBackend, count: number): [number, number, number] {
  return backend.line(Math.ceil(count / workgroupSize))
}

/**
 * Calls `each_row(row, lane)` for every row below the u32 expression `count`, by LANES threads a row, and gives it
 * `row_sum` over those lanes, in a fixed order. `count` must be uniform, so that the barriers are:
 * all lanes of a row share its workgroup. 256 bytes of workgroup memory. Dispatch with {@link rowGrid}.
 */
export function forEachRow(lanes: RowLanes, count: string): string {
  const shared = `var<workgroup> row_values: array<f32, ${workgroupSize}>;
`
  const row = lanes === 1 ? `number * ${workgroupSize}u + thread` : 'number'
  return `const LANES = ${lanes}u;
${lanes === 1 ? '' : shared}${acrossRow(lanes, 'row_sum', 'a + b')}
@compute @workgroup_size(${workgroupSize})
fn main(${mainParameters}) {
  let number = group.x + group.y * groups.x;
  let row = ${row};
  if (row < ${count}) { each_row(row, ${lanes === 1 ? '0u' : 'thread'}); }
}
`
}

/** `row_max`, the greatest of the lanes of a row, for a body that goes with {@link forEachRow} of as many lanes. */
export function rowMax(lanes: RowLanes): string {
  return acrossRow(lanes, 'row_max', 'max(a, b)')
}

/** A function that joins what the lanes of a row found, of `a` and `b` at a time. */
function acrossRow(lanes: RowLanes, name: string, join: string): string {
  const signature = `fn ${name}(value: f32, lane: u32) -> f32`
  if (lanes === 1) return `${signature} { return value; }\n`
  return `${signature} {
  row_values[lane] = value;
  workgroupBarrier();
  for (var half = LANES / 2u; half > 0u; half >>= 1u) {
    if (lane < half) {
      let a = row_values[lane];
      let b = row_values[lane + half];
      row_values[lane] = ${join};
    }
    workgroupBarrier();
  }
  let result = row_values[0];
  workgroupBarrier();
  return result;
}
`
}

export function rowGrid(backend: LabBackend, rows: number, lanes: RowLanes): [number, number, number] {
  return backend.line(lanes === 1 ? Math.ceil(rows / workgroupSize) : rows)
}

/**
 * `is_finite_bits(value)`: neither infinite nor NaN, by the bits, because WGSL lets a compiler take it for granted that
 * floats are neither.
 */
export const finiteness = `fn is_finite_bits(value: f32) -> bool {
  return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}
`

/**
 * Rows of `width` numbers as whole units: four numbers at a time where the width allows, otherwise one. A body written
 * for `Unit` (f32 arithmetic) serves both; it reads `Unit(x[i])`, writes `Stored(value)`, and adds up with `total`.
 */
export function units(
  width: number,
  stored: StoredType = 'f32',
): { type: string; count: number; text: string } {
  const isWide = width % 4 === 0
  const wide = (element: string): string => (isWide ? `vec4<${element}>` : element)
  const total = isWide ? 'value.x + value.y + (value.z + value.w)' : 'value'
  const count = isWide ? width / 4 : width
  return {
    type: wide(stored),
    count,
    text: `alias Unit = ${wide('f32')};
alias Stored = ${wide(stored)};
const UNITS = ${count}u;
const WIDTH = ${width}u;
fn total(value: Unit) -> f32 { return ${total}; }
`,
  }
}

/** The extension that a program with these types has to name first. */
export function enabling(...stored: readonly StoredType[]): string {
  return stored.includes('f16') ? 'enable f16;\n' : ''
}

/** A new tensor, tracked by tfjs, whose contents the next dispatch must write in full. */
export function newTensor<R extends Rank>(
  backend: LabBackend,
  shape: ShapeMap[R],
  dtype: DataType = 'float32',
): Tensor<R> {
  return engine().makeTensorFromTensorInfo(backend.makeTensorInfo(shape, dtype)) as Tensor<R>
}

/** The same for float32 numbers that are stored as `stored`. */
export function newStored<R extends Rank>(
  backend: LabBackend,
  shape: ShapeMap[R],
  stored: StoredType,
): Tensor<R> {
  if (stored === 'f32') return newTensor<R>(backend, shape)
  return engine().makeTensorFromTensorInfo(backend.makeHalf(shape)) as Tensor<R>
}
