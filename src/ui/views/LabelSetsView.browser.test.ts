import { mount, unmount } from 'svelte'
import { expect, it } from 'vitest'
import { page } from 'vitest/browser'
import type { TaskView } from '../../core/taskView.ts'
import ViewOf from './ViewOf.svelte'

const view: TaskView = {
  kind: 'label-sets',
  labels: [
    { name: 'red', right: 4, said: 2, both: 1 },
    { name: 'round', right: 0, said: 3, both: 0 },
  ],
  items: [
    {
      item: { kind: 'row', cells: [['text', 'a red apple']] },
      guesses: [
        { label: 'round', probability: 0.9, isRight: false, isSaid: true },
        { label: 'red', probability: 0.25, isRight: true, isSaid: false },
      ],
    },
  ],
}

it('shows the labels of items that were said or missed, and how often each was found', async () => {
  const target = document.createElement('div')
  document.body.append(target)
  const shown = mount(ViewOf, { target, props: { view, step: 7 } })
  await expect.element(page.getByText('a red apple')).toBeVisible()
  const wordsOf = (own: Element) => own.textContent.replace(/\s+/g, ' ').trim()
  const said = [...target.querySelectorAll('ul li')].map(wordsOf)
  expect(said).toEqual(['round 90 % wrong', 'red 25 % missed'])
  const cells = [...target.querySelectorAll('tbody tr')].map((row) => [...row.children].map(wordsOf))
  expect(cells).toEqual([
    ['red', '4', '2', '25 %', '50 %'],
    ['round', '0', '3', '–', '0 %'],
  ])
  await unmount(shown)
  target.remove()
})
