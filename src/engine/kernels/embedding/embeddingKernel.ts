import { customGradients } from '../../backend/customGradients.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import type * as tf from '../../backend/tfjs.ts'
import { gradientOutput } from '../gradientOutput.ts'
import { bindings, constants, elementGrid, forEachElement, newTensor, units } from '../wgsl.ts'
import chainsBody from './chains.wgsl?raw'
import chainSumsBody from './chainSums.wgsl?raw'
import linksBody from './links.wgsl?raw'
import linkSumsBody from './linkSums.wgsl?raw'
import lookUpBody from './lookUp.wgsl?raw'
import tableGradientsBody from './tableGradients.wgsl?raw'

export interface Lookup {
  /** [V, D] */
  table: Tensor2D
  /** [P, D]: row n % seqLen is added to the vector at place n. */
  positions: Tensor2D | null
  /** int32 [N] */
  ids: Tensor1D
  seqLen: number
}

/**
 * Forward 1 dispatch; backward 3 for both tables, 2 where the table has more rows than there are ids. Work grows with
 * N · min(N, V); only the ids are kept.
 */
export function fusedLookUp(backend: LabBackend, lookup: Lookup): Tensor2D {
  const { table, positions, ids } = lookup
  const [value] = customGradients(positions ? [table, positions] : [table], (save) => {
    save([ids])
    const gradFunc = ([dy]: Tensor[], [savedIds]: Tensor[]): Tensor[] => {
      const saved = { ...lookup, ids: savedIds as Tensor1D }
      return table.shape[0] > ids.size
        ? sparseGradients(backend, dy!, saved)
        : denseGradients(backend, dy!, saved)
    }
    return { values: [lookUp(backend, lookup)], gradFunc }
  })
  return value as Tensor2D
}

function lookUp(backend: LabBackend, { table, positions, ids, seqLen }: Lookup): Tensor {
  const width = table.shape[1]
  const y = newTensor<tf.Rank.R2>(backend, [ids.size, width])
  const { type, count, text } = units(width)
  backend.dispatch({
    key: `lookUp ${width} ${positions === null ? '' : seqLen}`,
    wgsl: () =>
      text +
      bindings({ y: type }, { table: type, ids: 'i32', ...(positions ? { positions: type } : {}) }) +
      `fn place_at(n: u32, i: u32) -> Unit { return ${positions ? `Unit(positions[(n % ${seqLen}u) * UNITS + i])` : 'Unit(0.0)'}; }\n` +
      lookUpBody +
      forEachElement('arrayLength(&y)'),
    writes: [y],
    reads: positions ? [table, ids, positions] : [table, ids],
    grid: elementGrid(backend, ids.size * count),
  })
  return y
}

/** At most as many rows as ids: chains by row and block, sums by row and block, then the blocks in order. */
function denseGradients(
  backend: LabBackend,
  dy: Tensor,
  { table, positions, ids, seqLen }: Lookup,
): Tensor[] {
  const [rows, width] = table.shape
  const { type, count, text } = units(width)
  // Chains are walked one step after another: short ones, as long as all their sums fit in the size of dy.
  const blocks = Math.max(1, Math.min(Math.ceil(ids.size / 512), Math.floor(ids.size / rows)))
  const block = Math.ceil(ids.size / blocks)
  const heads = newTensor<tf.Rank.R2>(backend, [blocks, rows], 'int32')
  const next = newTensor<tf.Rank.R1>(backend, [ids.size], 'int32')
  backend.dispatch({
    key: `chains ${rows} ${block}`,
    wgsl: () =>
      bindings({ heads: 'u32', next: 'u32' }, { ids: 'i32' }) +
      constants({ ROWS: rows, BLOCK: block }) +
      chainsBody,
    writes: [heads, next],
    reads: [ids],
    grid: [Math.ceil(rows / 64), blocks, 1],
  })
  const sums = newTensor<tf.Rank.R3>(backend, [blocks, rows, width])
  backend.dispatch({
    key: `chainSums ${width}`,
    wgsl: () =>
      text +
      bindings({ sums: 'Unit' }, { dy: type, heads: 'u32', next: 'u32' }) +
      chainSumsBody +
      forEachElement('arrayLength(&sums)'),
    writes: [sums],
    reads: [dy, heads, next],
    grid: elementGrid(backend, blocks * rows * count),
  })
  const gradients = outputs(backend, table, positions)
  const elements = (rows + (positions?.shape[0] ?? 0)) * count
  backend.dispatch({
    key: `tableGradients ${rows} ${width} ${positions === null ? '' : seqLen}`,
    wgsl: () =>
      text +
      bindings(gradientTypes(positions), { sums: 'Unit', ...(positions ? { dy: type } : {}) }) +
      constants({ ROWS: rows }) +
      positionWriter(positions, seqLen) +
      tableGradientsBody +
      forEachElement(`ROWS * UNITS${positions ? ' + arrayLength(&position_gradient)' : ''}`),
    writes: gradients,
    reads: positions ? [sums, dy] : [sums],
    grid: elementGrid(backend, elements),
  })
  heads.dispose()
  next.dispose()
  sums.dispose()
  return gradients
}

/** More rows than ids: zeros everywhere, then the rows that are named. */
function sparseGradients(
  backend: LabBackend,
  dy: Tensor,
  { table, positions, ids, seqLen }: Lookup,
): Tensor[] {
  const [rows, width] = table.shape
  const { type, count, text } = units(width)
  const links = newTensor<tf.Rank.R2>(backend, [ids.size, 2], 'int32')
  const gradients = outputs(backend, table, positions)
  backend.dispatch({
    key: `links ${width}`,
    wgsl: () =>
      text +
      bindings({ links: 'vec2<i32>', table_gradient: 'Unit' }, { ids: 'i32' }) +
      linksBody +
      forEachElement('max(arrayLength(&ids), arrayLength(&table_gradient))'),
    writes: [links, gradients[0]!],
    reads: [ids],
    grid: elementGrid(backend, Math.max(ids.size, rows * count)),
  })
  backend.dispatch({
    key: `linkSums ${width} ${positions === null ? '' : seqLen}`,
    wgsl: () =>
      text +
      bindings(gradientTypes(positions), { dy: type, ids: 'i32', links: 'vec2<i32>' }) +
      positionWriter(positions, seqLen) +
      linkSumsBody +
      forEachElement(`arrayLength(&dy)${positions ? ' + arrayLength(&position_gradient)' : ''}`),
    writes: gradients,
    reads: [dy, ids, links],
    grid: elementGrid(backend, (ids.size + (positions?.shape[0] ?? 0)) * count),
  })
  links.dispose()
  return gradients
}

function outputs(backend: LabBackend, table: Tensor2D, positions: Tensor2D | null): Tensor[] {
  return (positions ? [table, positions] : [table]).map((weight) => gradientOutput(backend, weight))
}

function gradientTypes(positions: Tensor2D | null): Record<string, string> {
  return { table_gradient: 'Unit', ...(positions ? { position_gradient: 'Unit' } : {}) }
}

/** Row p of the positions is at places p, p + seqLen, …; rows past the sequence are nowhere. */
function positionWriter(positions: Tensor2D | null, seqLen: number): string {
  const lines = `var sum = Unit(0.0);
  if (index < ${seqLen}u * UNITS) {
    for (var at = index; at < arrayLength(&dy); at += ${seqLen}u * UNITS) { sum += Unit(dy[at]); }
  }
  position_gradient[index] = sum;`
  return `fn put_position(index: u32) { ${positions ? lines : ''} }\n`
}
