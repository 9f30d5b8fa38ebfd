import { describe, expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { readSafetensors } from './read.ts'
import { fileOf } from './testFile.ts'

const sixteen = new Uint8Array(16)
const entry = (changes: string) => `{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]${changes}}}`
const withShape = (shape: string, offsets = '[0,16]') =>
  fileOf(`{"a":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}}`, sixteen)
const pair = (first: string, second: string) =>
  fileOf(
    `{"a":{"dtype":"U8","shape":[8],"data_offsets":${first}},"b":{"dtype":"U8","shape":[8],"data_offsets":${second}}}`,
    sixteen,
  )
const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes)

const attacks: [name: string, file: Uint8Array, code: string][] = [
  ['an empty file', new Uint8Array(0), 'too-short'],
  ['seven bytes', new Uint8Array(7), 'too-short'],
  ['a header length of zero', fileOf('', sixteen), 'header-empty'],
  ['a header length of 2^64 - 1', fileOf(entry(''), sixteen, 2n ** 64n - 1n), 'header-too-large'],
  ['a header one byte over the cap', fileOf(entry(''), sixteen, 100_000_001n), 'header-too-large'],
  ['a header at the cap that is not there', fileOf(entry(''), sixteen, 100_000_000n), 'header-truncated'],
  ['a length that ends one byte after the file', fileOf('{}', undefined, 3n), 'header-truncated'],
  ['a header that begins with a space', fileOf(' {}'), 'header-start'],
  ['a header that begins with a byte order mark', fileOf('\ufeff{}'), 'header-start'],
  ['a list as header', fileOf('[]'), 'header-start'],
  ['bytes that are no UTF-8', fileOf(bytesOf(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'header-utf8'],
  ['an overlong encoding', fileOf(bytesOf(0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x7d)), 'header-utf8'],
  ['a header that stops in a string', fileOf('{"a'), 'header-json'],
  ['a header that stops in an object', fileOf('{"a":{'), 'header-json'],
  ['a second object after the header', fileOf('{}{}'), 'header-json'],
  ['padding with NUL', fileOf('{}\0\0'), 'header-json'],
  ['a trailing comma', fileOf('{"a":1,}'), 'header-json'],
  ['a raw line break in a name', fileOf('{"a\nb":{}}'), 'header-json'],
  ['an unknown escape', fileOf('{"\\x41":{}}'), 'header-json'],
  ['an escape named like a method', fileOf('{"\\constructor":{}}'), 'header-json'],
  ['an escaped lone surrogate', fileOf('{"\\ud800":{}}'), 'header-json'],
  ['a number with a leading zero', withShape('[04]'), 'header-json'],
  ['a hundred thousand open lists', fileOf(`{"a":${'['.repeat(100_000)}`), 'header-json'],
  ['a hundred thousand open objects', fileOf('{"a":'.repeat(100_000)), 'header-json'],
  ['a number of a million digits', withShape(`[${'9'.repeat(1_000_000)}]`), 'header-json'],
  [
    'a tensor name twice',
    fileOf(`{${entry('').slice(1, -1)},${entry('').slice(1)}`, sixteen),
    'duplicate-key',
  ],
  ['a name twice, once escaped', fileOf(`{"a":1,"\\u0061":2}`), 'duplicate-key'],
  ['a field twice', fileOf(entry(',"dtype":"F32"'), sixteen), 'duplicate-key'],
  ['metadata twice', fileOf('{"__metadata__":{},"__metadata__":{}}'), 'duplicate-key'],
  ['a metadata key twice', fileOf('{"__metadata__":{"a":"1","a":"2"}}'), 'duplicate-key'],
  ['metadata that is a string', fileOf('{"__metadata__":"pt"}'), 'metadata'],
  ['metadata that is null', fileOf('{"__metadata__":null}'), 'metadata'],
  ['metadata that holds a number', fileOf('{"__metadata__":{"step":3}}'), 'metadata'],
  ['a tensor that is a list', fileOf('{"a":[]}'), 'entry'],
  ['a tensor that is null', fileOf('{"a":null}'), 'entry'],
  ['a tensor without offsets', fileOf('{"a":{"dtype":"F32","shape":[]}}'), 'missing-field'],
  ['an unknown dtype', fileOf(entry('').replace('F32', 'F31'), sixteen), 'dtype-unknown'],
  ['a dtype named like a method', fileOf(entry('').replace('F32', 'constructor'), sixteen), 'dtype-unknown'],
  ['a dtype that is a number', fileOf(entry('').replace('"F32"', '32'), sixteen), 'dtype-unknown'],
  ['a shape that is a number', withShape('4'), 'shape'],
  ['a negative dimension', withShape('[-4]'), 'shape'],
  ['a fractional dimension', withShape('[4.0]'), 'shape'],
  ['a dimension in exponent form', withShape('[4e0]'), 'shape'],
  ['a dimension of 2^53 + 1', withShape('[9007199254740993]'), 'shape'],
  ['a dimension in quotes', withShape('["4"]'), 'shape'],
  ['a shape whose product overflows to 16 bytes', withShape('[4294967296,4294967296,4]'), 'shape-overflow'],
  ['an overflow that a zero would hide', withShape('[4294967296,4294967296,0]', '[0,0]'), 'shape-overflow'],
  ['a shape of a petabyte', withShape('[250000000000000]'), 'size-mismatch'],
  [
    'a petabyte that is announced throughout',
    withShape('[250000000000000]', '[0,1000000000000000]'),
    'data-truncated',
  ],
  ['an empty tensor with bytes', withShape('[0]'), 'size-mismatch'],
  ['offsets that stop short of the shape', withShape('[4]', '[0,12]'), 'size-mismatch'],
  ['three offsets', withShape('[4]', '[0,16,16]'), 'offsets'],
  ['a negative offset', withShape('[4]', '[-16,0]'), 'offsets'],
  ['an offset of minus zero', withShape('[4]', '[-0,16]'), 'offsets'],
  ['reversed offsets', withShape('[4]', '[16,0]'), 'offsets-reversed'],
  ['a hole at the start', pair('[1,9]', '[8,16]'), 'hole'],
  ['a hole between tensors', pair('[0,8]', '[9,17]'), 'hole'],
  ['two tensors on the same bytes', pair('[0,8]', '[0,8]'), 'overlap'],
  ['tensors that overlap by a byte', pair('[0,8]', '[7,15]'), 'overlap'],
  ['data that end before the last tensor', pair('[0,8]', '[8,16]').subarray(0, -1), 'data-truncated'],
  ['bytes after the last tensor', fileOf('{}', sixteen), 'trailing-bytes'],
]

describe('a hostile safetensors file is refused with the cause', () => {
  test.each(attacks)('%s', (_name, file, code) => {
    let thrown: unknown
    try {
      readSafetensors(file)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(DataError)
    expect((thrown as DataError).code).toBe(`safetensors-${code}`)
    expect((thrown as DataError).message.length).toBeLessThan(400)
    expect((thrown as DataError).remedy).not.toBe('')
  })

  test.each(['C64', 'U64', 'F8_E4M3', 'U16'])('dtype %s is refused by its name', (dtype) => {
    const header = `{"z":{"dtype":"${dtype}","shape":[0],"data_offsets":[0,0]}}`
    expect(() => readSafetensors(fileOf(header))).toThrow(dtype)
    expect(() => readSafetensors(fileOf(header))).toThrow(
      expect.objectContaining({ code: 'safetensors-dtype-unsupported' }),
    )
  })

  test('a tensor called __proto__ reaches no prototype', () => {
    const header =
      '{"__metadata__":{"__proto__":"x"},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
    const { tensors, metadata } = readSafetensors(fileOf(header, bytesOf(7)))
    expect(tensors.get('__proto__')?.data).toEqual(bytesOf(7))
    expect(Object.entries(metadata)).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype)
  })
})
