/** One curve's points: `xs` ascending, and any number of values for each. null is a gap. */
export interface Points {
  xs: readonly number[]
  columns: readonly (readonly (number | null)[])[]
}

/** x, and every column of every curve over the same x; undefined where a curve has no point (drawn through). */
export type Aligned = [xs: number[], ...columns: (number | null | undefined)[][]]

/** Lays curves with different steps on one ascending x axis, as uPlot wants them. Of equal x in a curve the last counts. */
export function align(curves: readonly Points[]): Aligned {
  const union = Float64Array.from(curves.flatMap((curve) => curve.xs)).sort()
  const xs: number[] = []
  for (const x of union) if (xs.at(-1) !== x) xs.push(x)
  const columns = curves.flatMap((curve) => {
    const filled = curve.columns.map(() => new Array<number | null | undefined>(xs.length).fill(undefined))
    let at = 0
    curve.xs.forEach((x, i) => {
      while (xs[at]! < x) at++
      curve.columns.forEach((column, c) => (filled[c]![at] = column[i]!))
    })
    return filled
  })
  return [xs, ...columns]
}
