import { expect, inject, it } from 'vitest'
import { canStart, linkOf, profilesOfATest, tinyConfig } from './app.ts'

const fresh = profilesOfATest()

it('mixed precision can start where the adapter has shader-f16; elsewhere the page says beforehand why not', async () => {
  const profile = await fresh()
  const stages = [{ totalSteps: 40, batchSize: 4, precision: 'mixed' }]
  const page = await profile.open(linkOf(inject('baseUrl'), { ...tinyConfig(), stages }))
  const hasHalf = await page.evaluate(
    async () => (await navigator.gpu.requestAdapter())?.features.has('shader-f16') ?? false,
  )
  if (!hasHalf) await page.getByText(/“mixed” needs an adapter with shader-f16, got .* without it/).waitFor()
  await canStart(page, hasHalf)
  expect(profile.errors).toEqual([])
})
