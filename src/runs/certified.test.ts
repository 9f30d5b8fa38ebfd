import { expect, it } from 'vitest'
import { certificateOf, comparedWithLink } from './certified.ts'

const device = { name: 'A GPU', backend: 'webgpu', isSoftware: false, userAgent: 'Firefox/140.0' }
const record = { device, parent: null, codeVersion: 'one' }
const firstLosses = [4, 3]

it('is made of a run that began by itself and has done an update', () => {
  expect(certificateOf({ firstLosses }, record)).toEqual({
    adapter: 'A GPU',
    browser: 'Firefox 140',
    codeVersion: 'one',
    losses: [4, 3],
  })
  const measuredKernels = { 'nn 8 8 8': 'lanes8-32x4' }
  expect(certificateOf({ firstLosses }, { ...record, device: { ...device, measuredKernels } })).toMatchObject(
    {
      kernels: measuredKernels,
    },
  )
  expect(certificateOf({ firstLosses: [] }, record)).toBeNull()
  expect(certificateOf({ firstLosses }, { ...record, device: null })).toBeNull()
  expect(certificateOf({ firstLosses }, { ...record, parent: 'x' })).toBeNull()
})

it('is compared where a run has one, as far as the run has come', () => {
  const certificate = certificateOf({ firstLosses }, record)
  expect(comparedWithLink({ certificate: null, firstLosses }, record)).toBeNull()
  expect(comparedWithLink({ certificate, firstLosses: [] }, record)).toBeNull()
  expect(comparedWithLink({ certificate, firstLosses: [4] }, record)?.title).toBe('The same as in the link')
  expect(comparedWithLink({ certificate, firstLosses: [4, 2] }, record)?.level).toBe('warning')
})
