import type { StoredType } from '../../backend/storedType.ts'
import { fourAt } from './matmulShape.ts'

/**
 * Windows over images [B, height, width, channels] as rows of a matrix [B * outHeight * outWidth, kernel height *
 * kernel width * channels], which is never stored: products gather it as they load. Pairs are [down, across].
 */
export interface Unfolding {
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly outHeight: number
  readonly outWidth: number
  readonly kernel: readonly [number, number]
  readonly stride: readonly [number, number]
  readonly dilation: readonly [number, number]
  /** Rows and columns of zeros above and to the left; negative where windows begin inside. */
  readonly before: readonly [number, number]
}

/** Numbers of a window. */
export function unfoldedWidth({ kernel, channels }: Unfolding): number {
  return kernel[0] * kernel[1] * channels
}

export function unfoldingKey(unfolding: Unfolding): string {
  const { height, width, channels, outHeight, outWidth, kernel, stride, dilation, before } = unfolding
  const pairs = [kernel, stride, dilation, before].map((pair) => pair.join('x'))
  return `${height}x${width}x${channels} to ${outHeight}x${outWidth} by ${pairs.join(' ')}`
}

interface Runs {
  /** Neighbours in memory that are neighbours in a window. */
  length: number
  /** How many of them a row of a window has. */
  across: number
  /** Whether four at a time are read at once. */
  isWide: boolean
}

/** A whole row of a window lies in one piece where no column of zeros can be in it. */
function runsOf({ width, channels, outWidth, kernel, stride, dilation, before }: Unfolding): Runs {
  const lastColumn = (outWidth - 1) * stride[1] + kernel[1] - 1 - before[1]
  const isWhole = dilation[1] === 1 && before[1] === 0 && lastColumn < width
  const length = isWhole ? kernel[1] * channels : channels
  const isWide = [length, width * channels, stride[1] * channels].every((step) => step % 4 === 0)
  return { length, across: isWhole ? 1 : kernel[1], isWide }
}

/** The element type of the images. */
export function unfoldedType(unfolding: Unfolding, stored: StoredType): string {
  return runsOf(unfolding).isWide ? `vec4<${stored}>` : stored
}

/**
 * WGSL `load_a(index, k)` of a product whose `a` is unfolded: see `loads`. Not transposed, it is steps k to k + 3 of
 * window `index`; transposed, numbers `index` to `index + 3` of window k.
 */
export function unfoldedLoads(
  unfolding: Unfolding,
  { rows, inner, isATransposed }: { rows: number; inner: number; isATransposed: boolean },
  isRagged: boolean,
): string {
  const { isWide } = runsOf(unfolding)
  const [row, column] = isATransposed
    ? ['k', `min(index, ${rows - (isWide ? 4 : 1)}u)`]
    : [`min(index, ${rows - 1}u)`, 'k']
  const value = `unfolded(${row}, ${column})`
  // Without vec4s, `inner` may end within the four.
  const kept =
    isATransposed || isWide
      ? isRagged
        ? `select(vec4<f32>(0.0), ${value}, k < ${inner}u)`
        : value
      : `select(vec4<f32>(0.0), ${value}, vec4<u32>(k, k + 1u, k + 2u, k + 3u) < vec4<u32>(${inner}u))`
  return `${unfoldedFunction(unfolding)}
fn load_a(index: u32, k: u32) -> vec4<f32> { return ${kept}; }`
}

/**
 * `unfolded(row, column)`: four numbers of a window, 0 where it lies outside. Single numbers come from a loop: SwiftShader
 * takes minutes to compile them side by side.
 */
function unfoldedFunction(unfolding: Unfolding): string {
  const { height, width, channels, outHeight, outWidth, stride, dilation, before } = unfolding
  const { length, across, isWide } = runsOf(unfolding)
  const [value, zero] = isWide ? ['vec4<f32>(a[at / 4u])', 'vec4<f32>(0.0)'] : ['f32(a[at])', '0.0']
  const type = isWide ? 'vec4<f32>' : 'f32'
  const four = `fn unfolded(row: u32, column: u32) -> vec4<f32> {
  var four: vec4<f32>;
  for (var c = 0u; c < 4u; c++) { four[c] = unfolded_at(row, column + c); }
  return four;
}`
  return `fn ${isWide ? 'unfolded' : 'unfolded_at'}(row: u32, column: u32) -> ${type} {
  let tap = column / ${length}u;
  let y = i32((row / ${outWidth}u) % ${outHeight}u * ${stride[0]}u + tap / ${across}u * ${dilation[0]}u) - ${before[0]};
  let x = i32(row % ${outWidth}u * ${stride[1]}u + tap % ${across}u * ${dilation[1]}u) - ${before[1]};
  let is_inside = y >= 0 && y < ${height} && x >= 0 && x < ${width};
  let image = row / ${outHeight * outWidth}u;
  let place = (image * ${height}u + u32(clamp(y, 0, ${height - 1}))) * ${width}u + u32(clamp(x, 0, ${width - 1}));
  let at = place * ${channels}u + column % ${length}u;
  return select(${zero}, ${value}, is_inside);
}
${isWide ? '' : four}`
}

/**
 * WGSL `load_b(n, k)` of a weight [taps, columns, channels] as the matrix [columns, taps * channels] with its taps in
 * reverse order: that of a convolution's gradient, which is unfolded with windows of `unfolding`.
 */
export function flippedLoads(
  { kernel, channels }: Unfolding,
  { columns, inner }: { columns: number; inner: number },
): string {
  const lastTap = kernel[0] * kernel[1] - 1
  const at = (k: string): string =>
    `((${lastTap}u - ${k} / ${channels}u) * ${columns}u + row) * ${channels}u + ${k} % ${channels}u`
  const row = `let row = min(index, ${columns - 1}u);`
  if (channels % 4 === 0) {
    return `fn load_b(index: u32, k: u32) -> vec4<f32> {
  ${row} let step = min(k, ${inner - 4}u);
  let value = ${fourAt('b', `(${at('step')})`, channels)};
  return select(vec4<f32>(0.0), value, k < ${inner}u);
}`
  }
  return `fn load_b_at(row: u32, k: u32) -> f32 {
  let step = min(k, ${inner - 1}u);
  return select(0.0, f32(b[${at('step')}]), k < ${inner}u);
}
fn load_b(index: u32, k: u32) -> vec4<f32> {
  ${row}
  var four: vec4<f32>;
  for (var c = 0u; c < 4u; c++) { four[c] = load_b_at(row, k + c); }
  return four;
}`
}
