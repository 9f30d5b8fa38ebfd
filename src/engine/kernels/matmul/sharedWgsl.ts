import { loads } from './loads.ts'
import { components, firstRow, range, type MatmulShape } from './matmulShape.ts'

/** Rows (a multiple of 4) and 4 columns of outputs a thread; threads of a workgroup in x (columns) and y (rows). */
export interface SharedTile {
  rows: number
  threads: readonly [number, number]
}

/** Steps of `inner` in workgroup memory at once. */
const depth = 16

/**
 * For hardware: a workgroup copies a block of each matrix to workgroup memory, 16 steps at a time, and every thread
 * multiplies its rows and columns from there. Threads load squares of 4 by 4 values and turn them where memory runs
 * the other way, so that each reads and writes vec4s; rows of the copies are one vec4 longer than their contents,
 * which spreads them over the banks. Barriers: two for 16 steps, both in uniform control flow, since the loop's bounds
 * are constants or numbers of the workgroup. Every output adds its products in ascending order of `inner`.
 * Dispatch: x over blocks of columns, for each of `parts` parts of `inner` in turn; y and z over blocks of rows.
 * Workgroup memory: at most 9 KiB.
 * @param parts above 1, outputs are partial products, one matrix [rows, columns] for each part
 */
export function sharedWgsl(
  shape: MatmulShape,
  tile: SharedTile,
  hasColumnSums: boolean,
  parts: number,
): string {
  const { columns, inner } = shape
  const [across, down] = tile.threads
  const [blockRows, blockColumns] = [down * tile.rows, across * 4]
  const threads = across * down
  const [aWidth, bWidth] = [blockRows / 4 + 1, blockColumns / 4 + 1]
  const [aSquares, bSquares] = [(blockRows * depth) / 16, (blockColumns * depth) / 16]
  const rowQuads = range(tile.rows / 4)
  const sums = range(tile.rows).map((r) => `s${r}`)
  const share = partSize(inner, parts)
  return `${loads(shape, depth)}
var<workgroup> tile_a: array<vec4<f32>, ${depth * aWidth}>;
var<workgroup> tile_b: array<vec4<f32>, ${depth * bWidth}>;
${squareFunction('a', shape.isATransposed, blockRows / 4, aWidth)}
${squareFunction('b', !shape.isBTransposed, blockColumns / 4, bWidth)}
@compute @workgroup_size(${across}, ${down})
fn main(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32,
) {
  let blocks = ${Math.ceil(columns / blockColumns)}u;
  let part = group.x / blocks;
  ${firstRow(shape, 'm_block', blockRows)}
  let n_block = (group.x % blocks) * ${blockColumns}u;
  ${sums.map((name) => `var ${name} = vec4<f32>(0.0);`).join(' ')}
  var total = vec4<f32>(0.0);
  let end = min(${inner}u, (part + 1u) * ${share}u);
  for (var k = part * ${share}u; k < end; k += ${depth}u) {
    for (var i = thread; i < ${aSquares + bSquares}u; i += ${threads}u) {
      if (i < ${aSquares}u) { copy_a(i, m_block, k); } else { copy_b(i - ${aSquares}u, n_block, k); }
    }
    workgroupBarrier();
    for (var e = 0u; e < ${depth}u; e++) {
      let b = tile_b[e * ${bWidth}u + id.x];
      ${rowQuads.map((q) => `let a${q} = tile_a[e * ${aWidth}u + id.y * ${tile.rows / 4}u + ${q}u];`).join(' ')}
      ${range(tile.rows)
        .map((r) => `s${r} = fma(vec4<f32>(a${r >> 2}.${components[r & 3]}), b, s${r});`)
        .join('\n      ')}
      ${hasColumnSums ? 'total += b;' : ''}
    }
    workgroupBarrier();
  }
  let m = m_block + id.y * ${tile.rows}u;
  let n = n_block + id.x * 4u;
  ${hasColumnSums ? 'if (m == 0u) { column_sums(part, n, total); }' : ''}
  var block = array<vec4<f32>, ${sums.length}>(${sums.join(', ')});
  for (var i = 0u; i < ${sums.length}u; i++) { finish(part, m + i, n, block[i]); }
}
`
}

/** Steps of one part, a multiple of those in workgroup memory, so that no part reads what another does. */
export function partSize(inner: number, parts: number): number {
  return Math.ceil(inner / parts / depth) * depth
}

/**
 * `copy_x(number, first, k)`: a square of four steps and four rows (or columns) to workgroup memory, where a vec4 is
 * four of the latter at one step. Neighbouring threads read neighbouring addresses.
 */
function squareFunction(name: 'a' | 'b', isAcross: boolean, quads: number, width: number): string {
  const place = (e: number): string => `tile_${name}[(step + ${e}u) * ${width}u + quad]`
  if (isAcross) {
    return `fn copy_${name}(number: u32, first: u32, k: u32) {
  let quad = number % ${quads}u;
  let step = (number / ${quads}u) * 4u;
  ${range(4)
    .map((e) => `${place(e)} = load_${name}(first + quad * 4u, k + step + ${e}u);`)
    .join('\n  ')}
}`
  }
  return `fn copy_${name}(number: u32, first: u32, k: u32) {
  let quad = number / ${depth / 4}u;
  let step = (number % ${depth / 4}u) * 4u;
  let index = first + quad * 4u;
  ${range(4)
    .map((i) => `let v${i} = load_${name}(index + ${i}u, k + step);`)
    .join(' ')}
  ${range(4)
    .map(
      (e) =>
        `${place(e)} = vec4<f32>(v0.${components[e]}, v1.${components[e]}, v2.${components[e]}, v3.${components[e]});`,
    )
    .join('\n  ')}
}`
}
