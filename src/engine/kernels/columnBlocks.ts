import type { LabBackend } from '../backend/labBackend.ts'
import { workgroupSize } from './wgsl.ts'

/** Sums over rows go in two stages: `blocks` partial sums of at least 16 rows a column, then those in order. */
export function columnBlocks(rows: number): number {
  return Math.min(64, Math.ceil(rows / 16))
}

/** x over columns, y over blocks of rows. @throws nothing: widths stay far below 65535 · 64 */
export function columnGrid(backend: LabBackend, columns: number, blocks: number): [number, number, number] {
  const [x] = backend.line(Math.ceil(columns / workgroupSize))
  return [x, blocks, 1]
}
