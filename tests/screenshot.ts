import { expect, inject, it } from 'vitest'
import { openProfile, startRun, waitForStep } from './e2e/app.ts'

/** The pictures of the README, from the real app as a first visitor has it: `npm run screenshot`. */
it.each(['light', 'dark'] as const)(
  'takes a picture of a run going on in the %s theme',
  async (colorScheme) => {
    const profile = await openProfile({ colorScheme, viewport: { width: 1440, height: 900 } })
    try {
      const page = await profile.open(inject('baseUrl'))
      await startRun(page)
      const notices = page.getByRole('button', { name: /dismiss|close/i })
      if ((await notices.count()) > 0) await notices.first().click()
      await waitForStep(page, 420, 500_000)
      const picture = await page.screenshot({ path: `docs/images/train-${colorScheme}.png` })
      expect(picture.length).toBeGreaterThan(10_000)
      expect(profile.errors).toEqual([])
    } finally {
      await profile.close()
    }
  },
)
