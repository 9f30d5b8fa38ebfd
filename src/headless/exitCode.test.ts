import { expect, it } from 'vitest'
import { BunsenError, ConfigError, DataError, DeviceError, StorageError } from '../core/errors.ts'
import { describeError, exitCodeOf } from './exitCode.ts'

it.each([
  [new ConfigError('x', { code: 'invalid-config' }), 2],
  [new DataError('x', { code: 'empty-file' }), 2],
  [new DeviceError('x', { code: 'no-webgpu' }), 3],
  [new DeviceError('x', { code: 'no-adapter' }), 3],
  [new DeviceError('x', { code: 'limits-too-small' }), 3],
  [new DeviceError('x', { code: 'device-failed' }), 3],
  [new DeviceError('x', { code: 'device-lost' }), 1],
  [new DeviceError('x', { code: 'non-finite' }), 4],
  [new StorageError('x', { code: 'folder-holds-run' }), 2],
  [new StorageError('x', { code: 'full' }), 1],
  [new StorageError('x', { code: 'checkpoint-missing' }), 2],
  [new StorageError('x', { code: 'folder-unwritable' }), 2],
  [new StorageError('x', { code: 'file-unwritable' }), 1],
  [new BunsenError('x', { code: 'unknown-name' }), 2],
  [new TypeError('x'), 1],
  ['x', 1],
])('gives %o the code %i', (error, code) => {
  expect(exitCodeOf(error)).toBe(code)
})

it('tells the message and what to do, and a stack only for faults', () => {
  const known = new ConfigError('seed: must be a number, got "x"', {
    code: 'invalid-config',
    remedy: 'Correct it.',
  })
  expect(describeError(known)).toEqual(['seed: must be a number, got "x"', 'Correct it.'])
  expect(describeError(new TypeError('boom'))[0]).toMatch(/TypeError: boom\n\s+at /)
})
