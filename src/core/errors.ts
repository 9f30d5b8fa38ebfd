/** What crosses a worker boundary, is stored with a run, and is shown to a person. */
export interface PlainError {
  name: string
  code: string
  /** One paragraph: what happened, the value, what was kept. */
  message: string
  /** What to do about it, as a sentence; empty when nothing helps. */
  remedy: string
  details: Record<string, string | number | boolean | null>
}

export interface ErrorInfo {
  /** Kebab-case, stable: tests and the page branch on it. */
  code: string
  remedy?: string
  details?: Record<string, string | number | boolean | null>
  cause?: unknown
}

/**
 * The one error style of the project. Message: *where: rule, got value*; `remedy`: what to do.
 * Thrown errors that are not of this kind are bugs and are shown as such.
 */
export class BunsenError extends Error {
  readonly code: string
  readonly remedy: string
  readonly details: Record<string, string | number | boolean | null>
  constructor(message: string, info: ErrorInfo) {
    super(message, info.cause === undefined ? undefined : { cause: info.cause })
    this.name = 'BunsenError'
    this.code = info.code
    this.remedy = info.remedy ?? ''
    this.details = info.details ?? {}
  }
}

/** A tensor or array of the wrong shape or dtype reached an operation. */
export class ShapeError extends BunsenError {
  override readonly name = 'ShapeError'
}
/** A configuration, link or stored record that the schema refuses. */
export class ConfigError extends BunsenError {
  override readonly name = 'ConfigError'
}
/** A file or data set that cannot be read or used. */
export class DataError extends BunsenError {
  override readonly name = 'DataError'
}
/** No adapter, limits too small, device lost, out of memory, non-finite numbers. */
export class DeviceError extends BunsenError {
  override readonly name = 'DeviceError'
}
/** IndexedDB, quota, checkpoints. */
export class StorageError extends BunsenError {
  override readonly name = 'StorageError'
}

const classes = { ShapeError, ConfigError, DataError, DeviceError, StorageError }

/** Any thrown value as plain data, so that it survives structured clone. */
export function toPlainError(error: unknown): PlainError {
  if (error instanceof BunsenError) {
    const { name, code, message, remedy, details } = error
    return { name, code, message, remedy, details }
  }
  if (isPlainError(error)) return error
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return {
    name: 'Error',
    code: 'unexpected',
    message,
    remedy: 'This is a fault in Bunsen; copy the details into a bug report.',
    details: { stack },
  }
}

/** What `read` gives; a DataError that it throws gets the name of the file in front. */
export function namingFile<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    const { code, remedy, details } = error
    throw new DataError(`${name}: ${error.message}`, { code, remedy, details, cause: error })
  }
}

/** The inverse of {@link toPlainError}: an error of the right class again. */
export function fromPlainError(plain: PlainError): BunsenError {
  const Class = classes[plain.name as keyof typeof classes] ?? BunsenError
  return new Class(plain.message, plain)
}

export function isPlainError(value: unknown): value is PlainError {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Error) &&
    typeof (value as PlainError).code === 'string' &&
    typeof (value as PlainError).message === 'string' &&
    typeof (value as PlainError).remedy === 'string'
  )
}
