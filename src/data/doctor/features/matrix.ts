/** Rows of numbers, row-major: what items look like to a model or to a distance. */
export interface Matrix {
  readonly rows: number
  readonly width: number
  /** [rows, width] */
  readonly data: Float32Array
}

/** Side by side. All must have as many rows. */
export function joined(parts: readonly Matrix[]): Matrix {
  const rows = parts[0]?.rows ?? 0
  const width = parts.reduce((sum, part) => sum + part.width, 0)
  const data = new Float32Array(rows * width)
  let start = 0
  for (const part of parts) {
    for (let row = 0; row < rows; row++)
      data.set(part.data.subarray(row * part.width, (row + 1) * part.width), row * width + start)
    start += part.width
  }
  return { rows, width, data }
}

/** Each column less its mean and over its deviation; columns that never change become 0. */
export function standardised({ rows, width, data }: Matrix): Matrix {
  const out = new Float32Array(data.length)
  for (let column = 0; column < width; column++) {
    let sum = 0
    for (let at = column; at < data.length; at += width) sum += data[at]!
    const mean = sum / rows
    let squares = 0
    for (let at = column; at < data.length; at += width) squares += (data[at]! - mean) ** 2
    const deviation = Math.sqrt(squares / rows)
    if (deviation < 1e-12) continue
    for (let at = column; at < data.length; at += width) out[at] = (data[at]! - mean) / deviation
  }
  return { rows, width, data: out }
}

/** Some rows, in the order of `places`. */
export function pickRows({ width, data }: Matrix, places: Int32Array): Matrix {
  const out = new Float32Array(places.length * width)
  places.forEach((place, row) => out.set(data.subarray(place * width, (place + 1) * width), row * width))
  return { rows: places.length, width, data: out }
}
