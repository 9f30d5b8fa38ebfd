/** A picture as it is in memory. */
export interface Picture {
  readonly height: number
  readonly width: number
  /** 1 grey, 3 red, green and blue. */
  readonly channels: number
  /** [height, width, channels], 0 to 255 */
  readonly pixels: Uint8Array
}

/** Rows of named columns, taken out of a file that says which they are. */
export interface HeldRows {
  readonly kind: 'rows'
  /** Id of the format, as the importers of texts have one. */
  readonly importer: string
  /** All different, none empty. */
  readonly columns: readonly string[]
  /** Each row with a cell for each column, empty where there is no value; of `only` one column where it is given. */
  rows(signal: AbortSignal | undefined, only?: number): AsyncIterable<readonly string[]>
}

/** One of many pictures, with what is said of it. */
export interface HeldPicture {
  readonly kind: 'picture'
  /** Null: its bytes are a picture file. */
  readonly decode: (() => Promise<Picture>) | null
  readonly label: string | null
  readonly caption: string | null
}

/** Numbers or texts in rows, columns and more, row-major; what they mean is told by `../arrays/arraySources.ts`. */
export interface NamedArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly values:
    | Float64Array
    | Float32Array
    | Int32Array
    | Int16Array
    | Int8Array
    | Uint32Array
    | Uint16Array
    | Uint8Array
    | BigInt64Array
    | BigUint64Array
    | readonly string[]
}

export interface HeldArray {
  readonly kind: 'array'
  /** Id of the format. */
  readonly importer: string
  readonly array: NamedArray
}

/** What something in a container is known to be, so that it is not to be guessed from its bytes. */
export type Held = HeldRows | HeldPicture | HeldArray
