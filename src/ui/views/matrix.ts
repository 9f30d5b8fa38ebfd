import type { TaskView } from '../../core/taskView.ts'

export interface MatrixRow {
  readonly name: string
  readonly cells: readonly {
    readonly said: string
    readonly count: number
    /** Of the row's items, 0 to 1. */
    readonly share: number
    readonly isRight: boolean
  }[]
}

/** A confusion matrix row by row; a row without items has shares of 0. */
export function matrixRows({
  classes,
  counts,
}: Pick<Extract<TaskView, { kind: 'confusion' }>, 'classes' | 'counts'>): MatrixRow[] {
  return classes.map((name, right) => {
    const own = counts.subarray(right * classes.length, (right + 1) * classes.length)
    const total = own.reduce((sum, count) => sum + count, 0)
    const cells = classes.map((said, place) => {
      const count = own[place]!
      return { said, count, share: total === 0 ? 0 : count / total, isRight: place === right }
    })
    return { name, cells }
  })
}
