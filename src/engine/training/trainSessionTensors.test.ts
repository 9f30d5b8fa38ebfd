import { expect, it } from 'vitest'
import type { HostTensor, NamedTensors } from '../../core/hostTensor.ts'
import { bitsOf, engineConfig } from '../../../tests/helpers/engineConfig.ts'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { createTrainSession } from './trainSession.ts'

await describeOnDevices('a session’s tensors', (device) => {
  const open = (model: Record<string, unknown> = {}, seed = 1) =>
    createTrainSession({
      device: device(),
      config: engineConfig({ seed, model: { numLayers: 1, ...model } }),
      facts: { vocabSize: 6 },
    })
  const edited = (tensors: NamedTensors, edit: (map: NamedTensors) => void): NamedTensors => {
    const copy = new Map(tensors)
    edit(copy)
    return copy
  }
  const vector = (...data: number[]): HostTensor => ({
    dtype: 'float32',
    shape: [data.length],
    data: Float32Array.from(data),
  })

  it('hold weights in the model’s order, then the optimizer’s slots', async () => {
    const session = open()
    const names = [...(await session.exportState()).keys()]
    const weights = names.filter((name) => !name.startsWith('optimizer.'))
    expect(weights.slice(0, 3)).toEqual([
      'transformer.wte.weight',
      'transformer.wpe.weight',
      'transformer.h.0.ln_1.weight',
    ])
    expect(names).toEqual([
      ...weights,
      ...['m', 'v'].flatMap((slot) => weights.map((name) => `optimizer.${slot}.${name}`)),
    ])
    expect(session.parameterCount).toBe(6 * 16 + 12 * 16 + 12 * 16 * 16 + 13 * 16 + 2 * 16)
    session.dispose()
  })

  it('come back as they went, in any order, and as weights without the optimizer', async () => {
    const [from, to] = [open({}, 1), open({}, 2)]
    const state = await from.exportState()
    to.importState(new Map([...state].reverse()), 'all')
    expect(bitsOf(await to.exportState())).toEqual(bitsOf(state))
    const weights = edited(state, (map) =>
      [...map.keys()].forEach((name) => name.startsWith('optimizer.') && map.delete(name)),
    )
    const third = open({}, 3)
    third.importState(weights, 'weights')
    third.importState(state, 'weights')
    expect(bitsOf(await third.exportState())).toEqual(bitsOf(state))
    ;[from, to, third].forEach((session) => session.dispose())
  })

  it('take half precision', async () => {
    const session = open()
    const state = await session.exportState()
    const half: HostTensor = { dtype: 'float16', shape: [16], data: new Uint16Array(16).fill(0x3800) }
    session.importState(
      edited(state, (map) => map.set('transformer.ln_f.bias', half)),
      'all',
    )
    expect([...((await session.exportState()).get('transformer.ln_f.bias')!.data as Float32Array)]).toEqual(
      new Array(16).fill(0.5),
    )
    session.dispose()
  })

  it('are refused with the names of what is wrong, and then nothing has changed', async () => {
    const session = open()
    const state = await session.exportState()
    const refusals: [code: string, words: RegExp, edit: (map: NamedTensors) => void][] = [
      ['missing-tensors', /transformer\.ln_f\.bias/, (map) => map.delete('transformer.ln_f.bias')],
      [
        'missing-tensors',
        /optimizer\.v\.transformer\.wte\.weight/,
        (map) => map.delete('optimizer.v.transformer.wte.weight'),
      ],
      [
        'unexpected-tensors',
        /transformer\.h\.7\.ln_1\.bias/,
        (map) => map.set('transformer.h.7.ln_1.bias', vector(1)),
      ],
      ['unexpected-tensors', /loss\.queue/, (map) => map.set('loss.queue', vector(1))],
      [
        'tensor-shape',
        /transformer\.ln_f\.bias must be \[16\], got \[3\]/,
        (map) => map.set('transformer.ln_f.bias', vector(1, 2, 3)),
      ],
      [
        'duplicate-tensor',
        /transformer\.ln_f\.bias must be there once/,
        (map) => map.set('ln_f.bias', map.get('transformer.ln_f.bias')!),
      ],
      ['tied-tensor-differs', /lm_head\.weight/, (map) => map.set('lm_head.weight', vector(1))],
      [
        'tensor-dtype',
        /int64/,
        (map) =>
          map.set('transformer.ln_f.bias', { dtype: 'int64', shape: [16], data: new BigInt64Array(16) }),
      ],
    ]
    for (const [code, words, edit] of refusals) {
      const changed = edited(state, (map) => {
        map.set('transformer.wte.weight', {
          ...map.get('transformer.wte.weight')!,
          data: new Float32Array(96),
        })
        edit(map)
      })
      let refusal: unknown
      try {
        session.importState(changed, 'all')
      } catch (error) {
        refusal = error
      }
      expect(refusal, code).toMatchObject({ name: 'DataError', code })
      expect(String(refusal)).toMatch(words)
    }
    expect(bitsOf(await session.exportState())).toEqual(bitsOf(state))
    session.dispose()
  })
})
