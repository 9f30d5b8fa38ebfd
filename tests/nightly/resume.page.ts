import { expect, inject, it } from 'vitest'
import type { ConfigValue } from '../../src/core/schema.ts'
import { linkOf, profilesOfATest, startRun, storedLosses, waitForStatus, waitForStep } from '../e2e/app.ts'
import { statefulConfigs } from '../helpers/statefulConfigs.ts'

const openProfile = profilesOfATest()
const baseUrl = inject('baseUrl')

/** So many that a hand gets in between: those that tell classes apart take less time. */
const stepsOf = (config: { readonly [name: string]: ConfigValue }) =>
  config['task'] === 'image-classification' ? 500 : 120

function linkWith(config: { readonly [name: string]: ConfigValue }): string {
  const [stage] = config['stages'] as [object]
  const totalSteps = stepsOf(config)
  const id = config['task'] === 'image-text' ? 'emoji' : 'digits'
  return linkOf(baseUrl, {
    ...config,
    name: 'Stopped',
    data: { ...(config['data'] as object), source: { kind: 'bundled', id } },
    stages: [{ ...stage, totalSteps, evaluateEvery: totalSteps }],
    evaluation: { batches: 1 },
  })
}

it.each(statefulConfigs.map(({ state, config }) => [state, config] as const))(
  'is stopped, loaded anew and goes on bit for bit with %s',
  async (_state, config) => {
    const totalSteps = stepsOf(config)
    const { open, errors } = await openProfile()
    const page = await open(linkWith(config))
    await startRun(page)
    await waitForStatus(page, 'done', 300_000)
    const whole = await storedLosses(page)
    expect(whole.size).toBe(totalSteps)

    await page.reload()
    await startRun(page)
    await waitForStep(page, 8, 300_000)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await waitForStatus(page, 'stopped')
    const steps = (await storedLosses(page)).size
    expect(steps, 'stopped before it was done').toBeLessThan(totalSteps)
    await page.reload()
    await page.getByRole('link', { name: 'Runs', exact: true }).first().click()
    await page
      .getByRole('row', { name: /Stopped/ })
      .first()
      .getByRole('link')
      .first()
      .click()
    await page
      .getByRole('button', { name: /^Continue/ })
      .first()
      .click()
    await waitForStatus(page, 'done', 300_000)
    expect(await storedLosses(page)).toEqual(whole)
    expect(errors).toEqual([])
  },
)
