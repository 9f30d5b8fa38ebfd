import { describe, expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { parseRunConfig } from '../core/runConfig.ts'
import { Draft } from './draft.svelte.ts'

const widthPath = ['model', 'embedDim'] as const

describe('Draft', () => {
  it('starts from the defaults, with nothing changed', () => {
    const draft = new Draft(testCatalog)
    expect(draft.changes).toEqual([])
    expect(draft.issues).toEqual([])
  })

  it('tells a change in words and takes it back', () => {
    const draft = new Draft(testCatalog)
    draft.set(widthPath, 96)
    expect(draft.changes).toEqual([
      { path: ['model', 'embedDim'], label: 'Model › Width', from: '64', to: '96' },
    ])
    expect(draft.isChanged(widthPath)).toBe(true)
    draft.reset(widthPath)
    expect(draft.changes).toEqual([])
    draft.undo()
    expect(draft.value(widthPath)).toBe(96)
  })

  it('keeps a refused value visible and the configuration valid', () => {
    const draft = new Draft(testCatalog)
    draft.set(widthPath, 0)
    expect(draft.shown(widthPath)).toBe(0)
    expect(draft.value(widthPath)).toBe(64)
    expect(draft.issueAt(widthPath)?.message).toMatch(/between 1 and 4096, got 0/)
    draft.set(widthPath, 32)
    expect(draft.issues).toEqual([])
    expect(draft.config.model['embedDim']).toBe(32)
  })

  it('shows another member of a union as one change and brings back its fields on reset', () => {
    const draft = new Draft(testCatalog)
    draft.set(widthPath, 96)
    draft.set(['model'], { kind: 'mlp' })
    expect(draft.config.model).toEqual({ kind: 'mlp' })
    expect(draft.changes.map(({ from, to }) => [from, to])).toEqual([['GPT', 'MLP']])
    draft.reset(['model'])
    expect(draft.config.model['embedDim']).toBe(64)
  })

  it('lays a preset over the defaults and compares with it from then on', () => {
    const draft = new Draft(testCatalog)
    draft.usePreset('small', { model: { embedDim: 8 } })
    expect(draft.preset).toBe('small')
    expect(draft.changes).toEqual([])
    draft.set(['seed'], 0)
    expect(draft.changes).toHaveLength(1)
    draft.usePreset('smaller', { model: { embedDim: 4 } })
    draft.undo()
    expect(draft.preset).toBe('small')
    expect(draft.changes).toHaveLength(1)
  })

  it('compares a configuration from a link with the defaults', () => {
    const draft = new Draft(testCatalog)
    draft.usePreset('small', { model: { embedDim: 8 } })
    draft.useConfig(parseRunConfig(draft.schema, { seed: 9, stages: [{ totalSteps: 5 }] }))
    expect(draft.changes.map(({ path }) => path.join('.'))).toEqual(['seed', 'stages.0.totalSteps'])
  })
})
