import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  browserName,
  certificateIn,
  compareLosses,
  comparisonWords,
  decodeCertificate,
  encodeCertificate,
  withLossesOf,
  type Certificate,
} from './certificate.ts'
import { packJson } from './packedJson.ts'

const certificate: Certificate = {
  adapter: 'llvmpipe (software)',
  browser: 'Chromium 156',
  codeVersion: 'abc123',
  losses: [4.1743865, 4.0001, 3.9].map(Math.fround),
}

describe('a certificate', () => {
  it('comes back with every bit of its losses', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 20 }),
        (losses) => {
          // JSON has no -0, and no loss is one.
          const given = { ...certificate, losses: losses.map((loss) => loss + 0) }
          expect(decodeCertificate(encodeCertificate(given))).toEqual(given)
        },
      ),
    )
  })

  it('keeps the kernels where they are few, and stays short where they are many', () => {
    const few = { ...certificate, kernels: { 'nn 8 8 8': 'lanes8-32x4' } }
    expect(decodeCertificate(encodeCertificate(few))).toEqual(few)
    const kernels = Object.fromEntries(
      Array.from({ length: 3000 }, (_, i) => [`nn ${i * 7919} ${i * 104729} 8`, `kernel ${(i * 31) % 97}`]),
    )
    const text = encodeCertificate({ ...certificate, kernels })
    expect(text.length).toBeLessThan(4096)
    expect(decodeCertificate(text)).toEqual(certificate)
  })

  it.each([
    ['no object', 3],
    ['no losses', { ...certificate, losses: undefined }],
    ['too many losses', { ...certificate, losses: Array.from({ length: 21 }, () => 1) }],
    ['a loss that is no number', { ...certificate, losses: ['1'] }],
    ['a loss that is not finite', { ...certificate, losses: [Number.MAX_VALUE * 10] }],
    ['a text of great length', { ...certificate, adapter: 'x'.repeat(201) }],
    ['kernels that are no names', { ...certificate, kernels: { a: 1 } }],
  ])('is refused with %s', (_what, value) => {
    const text = packJson(JSON.parse(JSON.stringify(value)))
    expect(() => decodeCertificate(text)).toThrowError(
      expect.objectContaining({ code: 'certificate-broken' }) as Error,
    )
    expect(certificateIn(text)).toBeNull()
  })

  it('is none where a link has none, or one that was cut off', () => {
    expect(certificateIn(null)).toBeNull()
    expect(certificateIn(encodeCertificate(certificate).slice(0, -4))).toBeNull()
    expect(certificateIn('<script>')).toBeNull()
  })
})

describe('losses beside those of a link', () => {
  const here = { codeVersion: 'abc123' }
  const words = (losses: readonly number[], of: typeof here & { kernels?: Record<string, string> } = here) =>
    comparisonWords(compareLosses(certificate, losses)!, certificate, of)

  it('are the same, to the bit', () => {
    expect(compareLosses(certificate, certificate.losses)).toEqual({ kind: 'same', steps: 3 })
    expect(words(certificate.losses).detail).toMatch(
      /first 3 updates are the same, bit for bit\. There it ran on llvmpipe/,
    )
  })

  it('are the same but for rounding where the last bits differ', () => {
    const apart = [certificate.losses[0]!, certificate.losses[1]! * (1 + 1e-6), certificate.losses[2]!]
    expect(compareLosses(certificate, apart)).toEqual({
      kind: 'rounding',
      steps: 3,
      most: expect.closeTo(1e-6, 6) as number,
    })
    expect(words(apart).level).toBe('info')
    expect(words(apart, { codeVersion: 'def' }).detail).toMatch(/That was Bunsen abc123, this is def/)
    expect(words(apart, { ...here, kernels: { 'nn 8 8 8': 'x' } }).detail).toMatch(/products were measured/)
  })

  it.each([3.95, NaN, Infinity])('are not the same where one is another: %s', (loss) => {
    const other = [certificate.losses[0]!, certificate.losses[1]!, loss]
    expect(compareLosses(certificate, other)).toMatchObject({ kind: 'differs', step: 3 })
    expect(words(other)).toMatchObject({ level: 'warning', title: 'Not the same as in the link' })
  })

  it('are those of a mean over batches, which is no float32, to the bit as well', () => {
    const means = [4.1, 4.2, 4.3]
    const read = decodeCertificate(encodeCertificate({ ...certificate, losses: means }))
    expect(compareLosses(read, means)).toEqual({ kind: 'same', steps: 3 })
  })

  it('are compared as far as both go', () => {
    expect(compareLosses(certificate, [])).toBeNull()
    expect(compareLosses(certificate, certificate.losses.slice(0, 1))).toEqual({ kind: 'same', steps: 1 })
    expect(compareLosses(certificate, [...certificate.losses, 1, 2])).toEqual({ kind: 'same', steps: 3 })
  })
})

describe('the first losses of a run', () => {
  const metrics = (step: number, loss: number) => ({ type: 'metrics', step, values: { 'train/loss': loss } })

  it('are taken in order, once each, and no more than are compared', () => {
    const events = [metrics(1, 5), { type: 'status', step: 1 }, metrics(2, 4), metrics(2, 9), metrics(4, 1)]
    expect(withLossesOf([], events, false)).toEqual([5, 4])
    const many = Array.from({ length: 30 }, (_, i) => metrics(i + 1, i))
    expect(withLossesOf([], many, false)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('end where something was set by hand', () => {
    expect(withLossesOf([], [metrics(1, 5), { type: 'edit', step: 1 }, metrics(2, 4)], false)).toEqual([5])
    expect(withLossesOf([5], [metrics(2, 4)], true)).toEqual([5])
  })

  it('are none where it began with the weights of others', () => {
    expect(withLossesOf([], [{ type: 'checkpoint', step: 0 }, metrics(1, 5)], false)).toEqual([])
    expect(withLossesOf([], [metrics(1, 5), { type: 'checkpoint', step: 1 }, metrics(2, 4)], false)).toEqual([
      5, 4,
    ])
  })
})

it('calls browsers by name', () => {
  const chromium =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
  expect(browserName(chromium)).toBe('Chromium 156')
  expect(browserName(`${chromium} Edg/156.0.1`)).toBe('Edge 156')
  expect(browserName('Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe('Firefox 140')
  expect(
    browserName(
      'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
    ),
  ).toBe('Safari 26')
  expect(browserName('')).toBe('an unknown browser')
})
