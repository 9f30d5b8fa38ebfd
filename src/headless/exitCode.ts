import { BunsenError, ConfigError, DataError, DeviceError } from '../core/errors.ts'
import { exitCodes } from './command.ts'

/** Codes of DeviceErrors that mean that there is no device to run on, as opposed to one that failed later. */
const noAdapterCodes = new Set(['no-webgpu', 'no-adapter', 'limits-too-small', 'device-failed'])

/** Codes of other errors that a wrong word of the call leads to. */
const badInputCodes = new Set(['checkpoint-missing', 'folder-holds-run', 'folder-unwritable', 'unknown-name'])

/** The exit code that a thrown value ends a command with. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof BunsenError)) return exitCodes.fault
  if (error.code === 'non-finite') return exitCodes.diverged
  if (badInputCodes.has(error.code)) return exitCodes.badInput
  if (error instanceof ConfigError || error instanceof DataError) return exitCodes.badInput
  if (error instanceof DeviceError && noAdapterCodes.has(error.code)) return exitCodes.noAdapter
  return exitCodes.fault
}

/** What a person reads on standard error: the message, then what to do. A stack only for faults of Bunsen. */
export function describeError(error: unknown): string[] {
  if (error instanceof BunsenError) return [error.message, error.remedy].filter((line) => line !== '')
  if (error instanceof Error) return [error.stack ?? error.message, 'This is a fault in Bunsen.']
  return [String(error), 'This is a fault in Bunsen.']
}
