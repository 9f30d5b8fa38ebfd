import { describe, expect, it } from 'vitest'
import {
  formatCount,
  formatDateTime,
  formatDuration,
  formatNumber,
  formatPercent,
  formatRelative,
  formatSize,
} from './format.ts'

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [3.12449, '3.124'],
    [0.99951, '1.000'],
    [0.0412, '0.0412'],
    [0.00006, '6.0e-5'],
    [12.345, '12.35'],
    [123.46, '123.5'],
    [9999.4, '9999'],
    [12_549, '12.5k'],
    [182_000, '182k'],
    [1_820_000, '1.82M'],
    [-2.5, '−2.500'],
    [Number.NaN, 'NaN'],
    [-Infinity, '−∞'],
  ])('writes %d as %s', (value, text) => expect(formatNumber(value)).toBe(text))
})

describe('formatCount', () => {
  it('groups by three with narrow spaces', () => expect(formatCount(1234567)).toBe('1\u202f234\u202f567'))
  it('has no sign on a zero', () => expect(formatCount(-0.2)).toBe('0'))
})

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_215_236, '1.2 MB'],
    [9_960_000, '10 MB'],
    [999_600, '1.0 MB'],
    [12_400_000_000, '12 GB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(formatSize(bytes)).toBe(text))
})

describe('formatDuration', () => {
  it.each([
    [320, '320 ms'],
    [4200, '4.2 s'],
    [9_990, '10 s'],
    [59_700, '1 min 00 s'],
    [130_000, '2 min 10 s'],
    [3_840_000, '1 h 04 min'],
    [266_400_000, '3 d 2 h'],
    [Number.NaN, '–'],
  ])('writes %d ms as %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

describe('times', () => {
  const now = new Date(2026, 9, 20, 14, 5, 9).getTime()
  it.each([
    [20_000, 'just now'],
    [5 * 60_000, '5 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [30 * 3_600_000, 'yesterday'],
    [12 * 86_400_000, '12 days ago'],
  ])('%d ms back reads %s', (back, text) => expect(formatRelative(now - back, now)).toBe(text))
  it('gives the exact local time', () => expect(formatDateTime(now)).toBe('2026-10-20 14:05:09'))
})

describe('formatPercent', () => {
  it('shows 100 only at the end', () => {
    expect(formatPercent(0.9999)).toBe('99\u202f%')
    expect(formatPercent(1)).toBe('100\u202f%')
    expect(formatPercent(0.29)).toBe('29\u202f%')
  })
})
