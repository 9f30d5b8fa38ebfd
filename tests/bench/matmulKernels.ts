import { noEpilogue } from '../../src/engine/kernels/matmul/epilogue.ts'
import { programOf } from '../../src/engine/kernels/matmul/matmul.ts'
import { kernels, namesOn } from '../../src/engine/kernels/matmul/matmulKernels.ts'

/** One way to multiply two square matrices of 32-bit floats; sides are multiples of 64. */
export interface MatmulKernel {
  readonly name: string
  readonly wgsl: string
  /** Workgroups in x and y. */
  readonly grid: readonly [number, number]
}

const bindings = `
@group(0) @binding(0) var<storage, read_write> C: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> A: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> B: array<vec4<f32>>;
`

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/** A block of 4 rows and 8 columns a thread, straight from storage: best where barriers are dear (rasterisers). */
export function registerKernel(side: number): MatmulKernel {
  const row = side / 4
  const multiply = range(4).map((e) =>
    range(4).map((r) =>
      range(2).map((c) => `c${r}${c} = fma(vec4<f32>(a${r}[${e}]), b${e}${c}, c${r}${c});`),
    ),
  )
  const wgsl = `${bindings}
@compute @workgroup_size(16, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x * 2u;
  let m = id.y * 4u;
  if (n >= ${row}u || m >= ${side}u) { return; }
  ${range(4)
    .map((r) => `var c${r}0 = vec4<f32>(0); var c${r}1 = vec4<f32>(0);`)
    .join(' ')}
  for (var k = 0u; k < ${row}u; k++) {
    ${range(4)
      .map((r) => `let a${r} = A[(m + ${r}u) * ${row}u + k];`)
      .join(' ')}
    ${range(4)
      .map((e) =>
        range(2)
          .map((c) => `let b${e}${c} = B[(k * 4u + ${e}u) * ${row}u + n + ${c}u];`)
          .join(' '),
      )
      .join(' ')}
    ${multiply.flat(2).join(' ')}
  }
  ${range(4)
    .map((r) =>
      range(2)
        .map((c) => `C[(m + ${r}u) * ${row}u + n + ${c}u] = c${r}${c};`)
        .join(' '),
    )
    .join(' ')}
}`
  return { name: 'registers 4x8', wgsl, grid: [Math.ceil(side / 128), Math.ceil(side / 16)] }
}

/** Tiles of 64 by 64 in shared memory, 8 rows and 8 columns a thread: best on real GPUs. */
export function sharedKernel(side: number): MatmulKernel {
  const row = side / 4
  const multiply = range(8).map((r) =>
    range(2).map((c) => `c${r}${c} = fma(vec4<f32>(a${r >> 2}[${r & 3}]), b${c}, c${r}${c});`),
  )
  const wgsl = `${bindings}
var<workgroup> tileA: array<vec4<f32>, 128>; // [8 of k][64 rows], so that a thread reads its rows as vectors
var<workgroup> tileB: array<vec4<f32>, 128>; // [8 of k][64 columns]
@compute @workgroup_size(8, 8)
fn main(@builtin(local_invocation_id) id: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
  ${range(8)
    .map((r) => `var c${r}0 = vec4<f32>(0); var c${r}1 = vec4<f32>(0);`)
    .join(' ')}
  for (var k = 0u; k < ${row}u; k += 2u) {
    for (var i = index; i < 128u; i += 64u) {
      let m = i / 2u;
      let a = A[(group.y * 64u + m) * ${row}u + k + i % 2u];
      for (var e = 0u; e < 4u; e++) { tileA[((i % 2u) * 4u + e) * 16u + m / 4u][m % 4u] = a[e]; }
      tileB[i] = B[(k * 4u + i / 16u) * ${row}u + group.x * 16u + i % 16u];
    }
    workgroupBarrier();
    for (var e = 0u; e < 8u; e++) {
      let a0 = tileA[e * 16u + id.y * 2u]; let a1 = tileA[e * 16u + id.y * 2u + 1u];
      let b0 = tileB[e * 16u + id.x * 2u]; let b1 = tileB[e * 16u + id.x * 2u + 1u];
      ${multiply.flat().join(' ')}
    }
    workgroupBarrier();
  }
  let m = group.y * 64u + id.y * 8u;
  let n = group.x * 16u + id.x * 2u;
  ${range(8)
    .map((r) => `C[(m + ${r}u) * ${row}u + n] = c${r}0; C[(m + ${r}u) * ${row}u + n + 1u] = c${r}1;`)
    .join(' ')}
}`
  return { name: 'shared tiles 64x64', wgsl, grid: [side / 64, side / 64] }
}

/** The engine's own whose subgroups share what they load, where the device has such: best on llvmpipe. */
export function laneKernels(device: GPUDevice, side: number): MatmulKernel[] {
  const f32 = () => 'f32' as const
  const stored = { a: f32(), b: f32(), output: f32(), storedOf: f32 }
  const shape = {
    count: 1,
    rows: side,
    columns: side,
    inner: side,
    isATransposed: false,
    isBTransposed: false,
  }
  return namesOn(device)
    .filter((name) => name.startsWith('lanes'))
    .map((name) => {
      const [rows, columns] = kernels[name].block
      const grid = [Math.ceil(side / columns), Math.ceil(side / rows)] as const
      return { name, wgsl: programOf(name, { shape, epilogue: noEpilogue, stored, hasSums: false }), grid }
    })
}
