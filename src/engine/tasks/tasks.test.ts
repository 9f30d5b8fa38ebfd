import { describe, expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { losses } from '../losses/registry.ts'
import { models } from '../models/registry.ts'
import { checkConfig } from './checkConfig.ts'
import { taskEntries, tasks } from './registry.ts'

describe('tasks', () => {
  it.each(tasks.all.map((task) => [task.id, task] as const))(
    '%s names models and losses that exist',
    (_id, task) => {
      task.models.forEach((id) => expect(models.get(id).id).toBe(id))
      task.losses.forEach((id) => expect(losses.get(id).id).toBe(id))
    },
  )

  it('reports what it says that it reports', () => {
    const task = tasks.get('language-model')
    const batch = {
      arrays: { targets: Int32Array.of(1, -1) },
      batchSize: 2,
      validItems: 2,
      places: null,
      measured: Float32Array.of(1),
    }
    const reported = task.report([batch], { vocabSize: 2 })
    expect(Object.keys(reported)).toEqual(task.metrics.map(({ name }) => name))
    expect(reported['validation/perplexity']).toBe(Math.E)
  })

  it('can cross to another thread', () => {
    expect(structuredClone(taskEntries)).toEqual(taskEntries)
  })
})

describe('checkConfig', () => {
  it('passes the defaults', () => {
    expect(checkConfig(engineConfig())).toEqual([])
  })

  it('gives the model’s issues their place in the config', () => {
    expect(checkConfig(engineConfig({ model: { embedDim: 15 } }))[0]!.path).toEqual(['model', 'embedDim'])
  })

  it('refuses a stage whose losses all weigh nothing, and components that match nothing', () => {
    const issues = checkConfig(engineConfig({ stages: [{}, { losses: [{ weight: 0 }] }] }))
    expect(issues.map(({ path }) => path)).toEqual([['stages', 1, 'losses']])
    const unmatched = checkConfig(engineConfig({ stages: [{}, { components: [{ match: 'lm_head' }] }] }))
    expect(unmatched[0]!.path).toEqual(['stages', 1, 'components', 0, 'match'])
  })
})
