/** Items as splits see them. */
export interface SplitItems {
  readonly count: number
  /** [count], the class of each; null where they have none. */
  readonly labels: Int32Array | null
  /** [count], the number that is to be predicted of each; null where there is none. */
  readonly numbers: Float64Array | null
  /** Names of what else is known of them: the columns of a table; of pictures `group`, `part` and `caption`, where they have them. */
  readonly columns: readonly string[]
  /** [count], of one of the columns, empty where there is none. */
  cells(column: string): readonly string[]
  /**
   * [count], equal where two items hold the same, but for what is to be said of them.
   * @param except a column that only tells their sides; null for none
   */
  contents(except: string | null): readonly string[]
}

/** `test`: not trained on, and measured when the training is done; `neither`: not at all. */
export type Side = 'train' | 'validation' | 'test' | 'neither'

export interface Dealt {
  /** [count] */
  readonly sides: readonly Side[]
  /** What a person should know of it, in whole sentences. */
  readonly notices: readonly string[]
}

/** All items are trained on but these. */
export function dealt(count: number, validation: readonly number[], notices: readonly string[] = []): Dealt {
  const sides = new Array<Side>(count).fill('train')
  for (const item of validation) sides[item] = 'validation'
  return { sides, notices }
}
