import { expect, it } from 'vitest'
import { engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { createDevice } from '../backend/createDevice.ts'
import { optimizers } from '../optim/registry.ts'
import { stateShapes } from './stateShapes.ts'
import { createTrainSession } from './trainSession.ts'

it.each(optimizers.all.map(({ id }) => id))('names what a session with %s exports', async (kind) => {
  const device = await createDevice({ backend: 'cpu', gpu: null })
  for (const isEnabled of [true, false]) {
    const components = [{ match: 'transformer.h.1', isFrozen: true }]
    const config = engineConfig({
      stage: { optimizer: { kind }, components, weightAverage: { isEnabled } },
    })
    const session = createTrainSession({ device, config, facts: { vocabSize: 11 } })
    const exported = [...(await session.exportState())].map(
      ([name, { shape }]) => [name, [...shape]] as const,
    )
    const { all, weights } = stateShapes(config, config.stages[0]!, { vocabSize: 11 }, 0)
    expect(Object.fromEntries(all)).toEqual(Object.fromEntries(exported))
    const ofWeights = exported.filter(([name]) => !/^(optimizer|ema)\./.test(name))
    expect([...weights]).toEqual(ofWeights)
    session.dispose()
  }
  device.dispose()
})
