import type { RunConfig } from '../../src/core/runConfig.ts'
import { models } from '../../src/engine/models/registry.ts'
import { tasks } from '../../src/engine/tasks/registry.ts'
import { engineConfig, type EngineSettings } from './engineConfig.ts'

/** Every task with every model that it trains, as small as the model's tests have it: name, settings. */
export const taskSettings: readonly [string, EngineSettings][] = tasks.all.flatMap((task) =>
  task.models.map((model): [string, EngineSettings] => [
    `${task.id} with ${model}`,
    {
      task: task.id,
      data: { augmentations: [{ kind: 'any' }] },
      model: { kind: model, ...models.get(model).tiny },
      stage: {
        batchSize: 4,
        losses: [{ name: task.losses[0] }],
        optimizer: { kind: 'adamw', weightDecay: 0 },
      },
    },
  ]),
)

/** The same as configurations. */
export const taskConfigs = taskSettings.map(([name, settings]): [string, RunConfig] => [
  name,
  engineConfig(settings),
])
