/** How the threads of a workgroup share rows of `count` units, on hardware: small rows side by side. */
export function rowTeams(count: number): { rowsAtOnce: number; constants: Record<string, number> } {
  let lanes = 8
  while (lanes < 256 && lanes * 4 < count) lanes *= 2
  const threads = Math.max(64, lanes)
  return {
    rowsAtOnce: threads / lanes,
    constants: { LANES: lanes, THREADS: threads, HELD: Math.ceil(count / lanes) },
  }
}

/**
 * Rows whose shares of the gradients of gain and bias are added up where they are made, and how many such blocks there
 * are. On hardware enough blocks to fill it, and long enough ones that the second stage reads little.
 */
export function backwardBlocks(rows: number, isAlone: boolean): { block: number; blocks: number } {
  const block = isAlone ? 4 : Math.min(32, Math.max(4, Math.ceil(rows / 1024)))
  return { block, blocks: Math.ceil(rows / block) }
}
