import type { RunConfig } from '../../src/core/runConfig.ts'
import { Draft } from '../../src/runs/draft.svelte.ts'
import { EstimateState } from '../../src/runs/estimate.svelte.ts'
import { Lab } from '../../src/runs/lab.svelte.ts'
import { presetRegistry } from '../../src/runs/presets/registry.ts'
import { RunState } from '../../src/runs/runState.svelte.ts'
import { Trainer } from '../../src/runs/trainer.svelte.ts'
import type { DeviceInfo } from '../../workers/protocol.ts'
import { fakeCatalog } from './fakeCatalog.ts'
import { fakeEvents } from './fakeRuns.ts'
import { fakeDevice, fakeStorage, fakeWorkers } from './fakeWorkers.ts'

export interface FakeOptions {
  device?: Partial<DeviceInfo>
  preset?: string
  /** A run is shown, as it was after this many steps. */
  runSteps?: number
  status?: 'running' | 'paused' | 'done' | 'failed'
  msPerStep?: number
}

/** A real `Lab` whose workers and storage are made up: for previews and tests of the page without WebGPU. */
export async function fakeLab(options: FakeOptions = {}): Promise<Lab> {
  const lab = new Lab()
  const device = { ...fakeDevice, ...options.device }
  const draft = new Draft(fakeCatalog)
  const preset = presetRegistry.get(options.preset ?? 'char-gpt')
  draft.usePreset(preset.id, preset.config)
  const storage = fakeStorage(draft.config)
  const workers = fakeWorkers(device, options.msPerStep)
  await Promise.all([lab.datasets.attach(storage), lab.runList.attach(storage, draft.schema)])
  workers.onTrainEvents((events) => {
    for (const event of events) if (event.type === 'warm-up') lab.warmUp = event.phase
  })
  lab.device = device
  lab.draft = draft
  lab.usedBytes = 31_400_000
  lab.datasets.attachWorkers(workers)
  lab.doctor.attach(workers, storage)
  lab.trainer = new Trainer(workers, storage, lab.runList, (error) => lab.report(error))
  lab.estimate = new EstimateState(workers)
  lab.boot = 'ready'
  lab.warm()
  if (options.runSteps !== undefined)
    lab.trainer.run = fakeRun(draft.config, options.runSteps, options.status ?? 'running')
  return lab
}

export function fakeRun(
  config: RunConfig,
  steps: number,
  status: 'running' | 'paused' | 'done' | 'failed' = 'running',
): RunState {
  const run = new RunState('fake-live', config, 'char-gpt')
  run.apply(fakeEvents(config, steps))
  run.apply([{ type: 'status', status, step: steps }])
  if (status === 'failed') {
    run.apply([
      {
        type: 'error',
        step: steps,
        error: {
          name: 'DeviceError',
          code: 'non-finite',
          message: `Training: the loss must be finite, got NaN at step ${steps}`,
          remedy: 'Lower the learning rate or raise the warm-up; the last checkpoint was kept.',
          details: { step: steps, tensor: 'transformer.h.2.attn.c_attn.weight' },
        },
      },
    ])
  }
  return run
}
