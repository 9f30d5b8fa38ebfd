import { expect, inject, it } from 'vitest'
import { linkOf, openProfile, startRun, tinyConfig, waitForStatus } from './e2e/app.ts'

/** The pictures of the README, from a run of the real app: `npm run screenshot`. */
it.each(['light', 'dark'] as const)(
  'takes a picture of a finished run in the %s theme',
  async (colorScheme) => {
    const profile = await openProfile({ colorScheme, viewport: { width: 1440, height: 900 } })
    try {
      const page = await profile.open(
        linkOf(inject('baseUrl'), tinyConfig({ steps: 400, evaluation: { sampleEvery: 100 } })),
      )
      await startRun(page)
      await waitForStatus(page, 'done', 500_000)
      await page.waitForTimeout(1000)
      const picture = await page.screenshot({ path: `docs/images/train-${colorScheme}.png` })
      expect(picture.length).toBeGreaterThan(10_000)
      expect(profile.errors).toEqual([])
    } finally {
      await profile.close()
    }
  },
)
