import { expect, inject, it } from 'vitest'
import { linkOf, profilesOfATest, startRun, storedEvents, tinyConfig, waitForStatus } from './app.ts'

const openProfile = profilesOfATest()
const baseUrl = inject('baseUrl')

/** Sound for a while: then each update throws the weights further to the other side, as the rate rises. */
function diverging(): object {
  const config = tinyConfig({ steps: 200, evaluation: { checkpointEvery: 2 } }) as { stages: object[] }
  const stage = {
    ...config.stages[0],
    gradClipNorm: 0,
    optimizer: { kind: 'sgd', learningRate: 40, weightDecay: 10 },
    schedule: { kind: 'linear', warmupSteps: 200 },
  }
  return { ...config, stages: [stage] }
}

it('a run whose numbers are lost offers to branch from before it, at half the rate', async () => {
  const { open } = await openProfile()
  const page = await open(linkOf(baseUrl, diverging()))
  await startRun(page)
  await waitForStatus(page, 'failed')
  const failedAt = (await storedEvents(page)).find(({ type }) => type === 'error')!.step
  const way = page.getByRole('button', { name: /^Branch from step \d+ with half the learning rate$/ })
  await way.waitFor()
  const from = Number(/step (\d+)/.exec(await way.innerText())![1])
  expect(from).toBeLessThan(failedAt)
  await way.click()
  await page.getByText(new RegExp(`Start begins a branch of “Tiny” at step ${from}`)).waitFor()
  expect(await page.getByLabel('Learning rate', { exact: true }).first().inputValue()).toBe('20')
})
