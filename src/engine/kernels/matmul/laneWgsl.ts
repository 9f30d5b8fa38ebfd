import { loads } from './loads.ts'
import { components, firstRow, range, type MatmulShape } from './matmulShape.ts'

/** Rows and columns of outputs a thread; `lanes` threads of a subgroup share what they load of `a` (1: nobody). */
export interface LaneTile {
  rows: number
  columns: number
  lanes: number
}

const step = 4

/**
 * For adapters that are software: no workgroup memory and no barriers, which are slow there. A workgroup is one
 * subgroup, whose lanes lie side by side along columns. llvmpipe turns every load of a lane into one bounds check and
 * one scalar load, even where all lanes read the same address, so that loads and not products decide: each lane
 * loads another row of `a`, and the subgroup hands the values around, which is an instruction each. Every output adds
 * its products in ascending order of `inner`. Dispatch: x over columns, y and z over blocks of rows.
 * @param hasColumnSums also calls `column_sums(0, column, sum)` over the steps of b, by the first block of rows
 */
export function laneWgsl(shape: MatmulShape, tile: LaneTile, hasColumnSums: boolean): string {
  const { inner, isATransposed, isBTransposed } = shape
  const { rows, columns, lanes } = tile
  const quads = range(columns / 4)
  const a = isATransposed ? acrossLanes(tile) : alongLanes(tile)
  const b = isBTransposed
    ? [
        ...range(columns).map((c) => `let t${c} = load_b(n + ${c}u, k);`),
        ...range(step).flatMap((e) =>
          quads.map(
            (q) =>
              `let b${e}_${q} = vec4<f32>(${range(4)
                .map((c) => `t${q * 4 + c}.${components[e]}`)
                .join(', ')});`,
          ),
        ),
      ]
    : range(step).flatMap((e) => quads.map((q) => `let b${e}_${q} = load_b(n + ${q * 4}u, k + ${e}u);`))
  // All steps of a row before the next one: its sums stay in registers meanwhile.
  const products = range(rows).flatMap((r) =>
    range(step).flatMap((e) => [
      `let x${r}_${e} = ${a.at(r, e)};`,
      ...quads.map((q) => `s${r}_${q} = fma(vec4<f32>(x${r}_${e}), b${e}_${q}, s${r}_${q});`),
    ]),
  )
  const columnSums = quads.flatMap((q) => range(step).map((e) => `total${q} += b${e}_${q};`))
  const sums = range(rows).flatMap((r) => quads.map((q) => `s${r}_${q}`))
  return `${loads(shape, step)}
@compute @workgroup_size(${lanes === 1 ? 8 : lanes})
fn main(
  @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
  ${lanes === 1 ? '@builtin(local_invocation_index)' : '@builtin(subgroup_invocation_id)'} lane: u32,
) {
  ${firstRow(shape, 'm', rows)}
  let n = (group.x * ${lanes === 1 ? 8 : lanes}u + lane) * ${columns}u;
  ${sums.map((name) => `var ${name} = vec4<f32>(0.0);`).join('\n  ')}
  ${hasColumnSums ? quads.map((q) => `var total${q} = vec4<f32>(0.0);`).join(' ') : ''}
  for (var k = 0u; k < ${inner}u; k += ${step}u) {
    ${[...a.loads, ...b, ...products, ...(hasColumnSums ? columnSums : [])].join('\n    ')}
  }
  ${hasColumnSums ? `if (m == 0u) { ${quads.map((q) => `column_sums(0u, n + ${q * 4}u, total${q});`).join(' ')} }` : ''}
  // A loop, since what follows a product may be much code, and one that a compiler cannot unroll: groups.x is not 0.
  var block = array<vec4<f32>, ${sums.length}>(${sums.join(', ')});
  for (var i = 0u; i < ${sums.length}u * min(groups.x, 1u); i++) {
    finish(0u, m + i / ${quads.length}u, n + (i % ${quads.length}u) * 4u, block[i]);
  }
}
`
}

interface Values {
  loads: string[]
  /** The value of row r of the block at step e. */
  at: (r: number, e: number) => string
}

/**
 * A shuffle by a constant is one instruction in llvmpipe (8 lanes), where a broadcast is three that ask which lanes are
 * active; SwiftShader (4 lanes) turns a broadcast into one and a shuffle into comparisons.
 */
function handed(value: string, component: number, lane: number, lanes: number): string {
  const one = `${value}.${components[component]}`
  if (lanes === 1) return one
  return `${lanes === 4 ? 'subgroupBroadcast' : 'subgroupShuffle'}(${one}, ${lane}u)`
}

/** Lane l loads four steps of row l, l + lanes, … */
function alongLanes({ rows, lanes }: LaneTile): Values {
  const lane = lanes === 1 ? '' : ' + lane'
  return {
    loads: range(rows / lanes).map((i) => `let a${i} = load_a(m + ${i * lanes}u${lane}, k);`),
    at: (r, e) => handed(`a${Math.floor(r / lanes)}`, e, r % lanes, lanes),
  }
}

/** The block's rows of one step lie side by side in memory: lanes load four of them, step after step. */
function acrossLanes({ rows, lanes }: LaneTile): Values {
  const quads = rows / 4
  const lane = lanes === 1 ? '' : ' + lane'
  return {
    loads: range((step * quads) / lanes).map((i) =>
      lanes === 1
        ? `let a${i} = load_a(m + ${(i % quads) * 4}u, k + ${Math.floor(i / quads)}u);`
        : `let a${i} = load_a(m + ((${i * lanes}u${lane}) % ${quads}u) * 4u, k + (${i * lanes}u${lane}) / ${quads}u);`,
    ),
    at: (r, e) => {
      const flat = e * quads + (r >> 2)
      return handed(`a${Math.floor(flat / lanes)}`, r & 3, flat % lanes, lanes)
    },
  }
}
