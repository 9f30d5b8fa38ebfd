import { describe, expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { createRunSchema, defaultRunConfig, parseRunConfig } from '../core/runConfig.ts'
import { RunState } from './runState.svelte.ts'

const config = defaultRunConfig(createRunSchema(testCatalog))
const metrics = (step: number, value: number) =>
  ({ type: 'metrics', step, values: { 'train/loss': value }, elapsedMs: step * 100 }) as const

describe('RunState', () => {
  it('collects curves, samples and what happened', () => {
    const run = new RunState('r', config, null)
    run.apply([{ type: 'status', status: 'running', step: 0 }, metrics(1, 3), metrics(2, 2.5)])
    run.apply([
      { type: 'sample', step: 2, prompt: 'a', text: 'b' },
      { type: 'checkpoint', step: 2, slot: 'latest', sizeBytes: 2e6 },
    ])
    expect([...run.series.get('train/loss')!.values]).toEqual([3, 2.5])
    expect(run.step).toBe(2)
    expect(run.lastCheckpointStep).toBe(2)
    expect(run.samples).toEqual([{ step: 2, prompt: 'a', text: 'b' }])
    expect(run.happenings.at(-1)).toMatchObject({ title: 'Checkpoint kept', detail: '2.0 MB' })
    expect(run.metricsVersion).toBe(1)
  })

  it('estimates the time that is left from the rate so far', () => {
    const run = new RunState('r', config, null)
    run.apply([{ type: 'status', status: 'running', step: 0 }, metrics(1, 3), metrics(10, 3)])
    expect(run.etaMs).toBe((run.totalSteps - 10) * 100)
  })

  it('forgets the curves that a resumed run will tell again', () => {
    const run = new RunState('r', config, null)
    run.apply([
      metrics(1, 3),
      metrics(2, 2),
      metrics(3, 1),
      { type: 'sample', step: 3, prompt: '', text: 'x' },
    ])
    run.apply([{ type: 'status', status: 'running', step: 2 }])
    expect(run.step).toBe(2)
    expect(run.series.get('train/loss')!.length).toBe(2)
    run.apply([{ type: 'sample', step: 3, prompt: '', text: 'y' }])
    expect(run.samples.map(({ text }) => text)).toEqual(['y'])
  })

  it('follows a run into the next stage where one ended early, and leaves edits by hand behind in theirs', () => {
    const stage = (weight: number) => ({
      totalSteps: 100,
      losses: [{ name: 'ce', weight }, { name: 'ce' }],
    })
    const twoStages = parseRunConfig(createRunSchema(testCatalog), { stages: [stage(2), stage(3)] })
    const run = new RunState('r', twoStages, null)
    const enter = (step: number, index: number, fromStep = step) =>
      run.apply([
        { type: 'status', status: 'running', step },
        { type: 'stage', step, index, fromStep },
      ])
    enter(0, 0)
    run.apply([{ type: 'edit', step: 4, setting: 'lossWeight.0', value: 7 }, metrics(10, 3)])
    expect([run.stageIndex, run.edited('lossWeight.0')]).toEqual([0, 7])
    enter(10, 1)
    run.apply([metrics(11, 3)])
    expect([run.stageIndex, run.stage.losses[0]!.weight, run.edited('lossWeight.0')]).toEqual([1, 3, null])
    run.apply([{ type: 'edit', step: 11, setting: 'learningRate', value: 0.5 }, metrics(12, 3)])
    expect(run.learningRateEdit).toBe(0.5)
    enter(8, 0, 0)
    expect([run.edited('lossWeight.0'), run.learningRateEdit], 'back in the first').toEqual([7, null])
  })

  it('counts stages by their steps in a log that does not tell them', () => {
    const stages = [{ totalSteps: 5 }, { totalSteps: 5 }]
    const run = new RunState('r', parseRunConfig(createRunSchema(testCatalog), { stages }), null)
    const at = (step: number) => (run.apply([metrics(step, 1)]), run.stageIndex)
    expect([at(4), at(5), at(10)]).toEqual([0, 1, 1])
  })

  it('shows an error with what to do and clears it when the run goes on', () => {
    const run = new RunState('r', config, null)
    const error = { name: 'DeviceError', code: 'x', message: 'Lost', remedy: 'Reload', details: {} }
    run.apply([
      { type: 'error', step: 4, error },
      { type: 'status', status: 'failed', step: 4 },
    ])
    expect(run.error).toEqual(error)
    expect(run.isActive).toBe(false)
    run.apply([{ type: 'status', status: 'running', step: 4 }])
    expect(run.error).toBeNull()
  })
})
