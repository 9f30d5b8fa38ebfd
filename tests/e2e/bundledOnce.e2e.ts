import { expect, inject, it } from 'vitest'
import { canStart, linkOf, profilesOfATest } from './app.ts'

const baseUrl = inject('baseUrl')
const fresh = profilesOfATest()

it('fetches a set that comes with the app once, to show, augment, prepare and measure it', async () => {
  const { context, errors } = await fresh()
  const page = await context.newPage()
  const fetched: string[] = []
  page.on('request', (request) => {
    const name = /\/data\/([a-z]+)-[0-9a-f]{8}\./.exec(request.url())?.[1]
    if (name !== undefined) fetched.push(name)
  })
  const tower = { numLayers: 1, numHeads: 2, embedDim: 8 }
  await page.goto(
    linkOf(baseUrl, {
      task: 'image-classification',
      model: { ...tower, kind: 'vit', patchSize: 7 },
      data: {
        source: { kind: 'bundled', id: 'digits' },
        split: { kind: 'random-items' },
        sampler: { kind: 'shuffled-items' },
        augmentations: [{ kind: 'rotate' }],
      },
    }),
  )
  await page.getByRole('list', { name: /^A picture as it is/ }).waitFor()
  await canStart(page)
  await page.getByText('Fits', { exact: true }).first().waitFor()
  expect(fetched).toEqual(['digits'])
  expect(errors).toEqual([])
})
