import type { Datasets } from '../../runs/datasets.svelte.ts'

type Described = Awaited<ReturnType<Datasets['describe']>>['description']
export type DescribedTable = Extract<Described, { kind: 'table' }>

/** Columns that can hold a class for each row: at least two values, which come back. */
export function labelCandidates({ rows, columns }: DescribedTable): string[] {
  return columns
    .filter(({ type, distinct }) => type !== 'text' && distinct >= 2 && 2 * distinct <= rows)
    .map(({ name }) => name)
}
