import { describe, expect, it } from 'vitest'
import { gpuForTests } from '../../../../tests/helpers/gpu.ts'
import { normals, sameBits } from '../../../../tests/helpers/kernels.ts'
import { createDevice } from '../../backend/createDevice.ts'
import type { LabBackend } from '../../backend/labBackend.ts'
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '../../backend/tfjs.ts'
import * as tf from '../../backend/tfjs.ts'
import { createDeviceFunction, type DeviceFunction } from '../../graph/deviceFunction.ts'
import { Workspace } from '../../graph/workspace.ts'
import { l2Normalize } from '../l2Normalize/l2Normalize.ts'
import { withScratchBytes } from '../rowChunks.ts'
import { sigmoidSimilarityLoss } from './sigmoidSimilarityLoss.ts'
import { oneToOne, similarityLoss } from './similarityLoss.ts'

const gpu = await gpuForTests()

type Feeds = 'a' | 'b' | 'ids' | 'scale'
interface Sides {
  a: Tensor2D
  b: Tensor2D
  scale: Scalar
}
type Loss = (sides: Sides, ids: Tensor1D) => Scalar

const losses: Record<string, Loss> = {
  'both directions': ({ a, b, scale }) => similarityLoss(a, b, { ...oneToOne, scale, directions: 'both' }),
  'both directions, in chunks': ({ a, b, scale }) =>
    withScratchBytes(1, () => similarityLoss(a, b, { ...oneToOne, scale, directions: 'both' })),
  'rows, in chunks, with ids that change': ({ a, b, scale }, ids) =>
    withScratchBytes(1, () => similarityLoss(a, b, { ...oneToOne, scale, ids: { rows: ids, columns: ids } })),
  'labelled rows with themselves': ({ a, scale }, ids) =>
    similarityLoss(a, a, { ...oneToOne, scale, ids: { rows: ids, columns: ids }, excludesSelf: true }),
  'a sigmoid for each pair': ({ a, b, scale }) =>
    withScratchBytes(1, () => sigmoidSimilarityLoss(a, b, { ...oneToOne, scale, bias: scale })),
}

const large: Record<string, Loss> = {
  'both directions': losses['both directions']!,
  'two views with themselves': ({ a, scale }) =>
    similarityLoss(a, a, { ...oneToOne, scale, ids: 2048, excludesSelf: true }),
  'a sigmoid for each pair': ({ a, b, scale }) =>
    sigmoidSimilarityLoss(a, b, { ...oneToOne, scale, bias: -10 }),
}

interface Reading {
  workspace: Workspace
  isEager: boolean
  /** What of the loss and of each gradient is read back. */
  read: (part: Tensor) => Tensor1D
}

const all = (part: Tensor): Tensor1D => tf.reshape(part, [part.size])
/** A ring of readings would be larger than what they are of. */
const squares = (part: Tensor): Tensor1D => tf.reshape(tf.sum(tf.square(part)), [1])

interface Sizes {
  rows: number
  width: number
}

/** Raw rows and the logarithm of the scale to the loss and the gradients of all three, normalisation and all. */
function open(
  loss: Loss,
  { rows, width }: Sizes,
  { workspace, isEager, read }: Reading,
): DeviceFunction<Feeds> {
  const side = { dtype: 'float32', length: rows * width } as const
  return createDeviceFunction<Feeds>({
    feeds: {
      a: side,
      b: side,
      ids: { dtype: 'int32', length: rows },
      scale: { dtype: 'float32', length: 1 },
    },
    workspace,
    isEager,
    run(inputs) {
      const ids = inputs.tensor('ids')
      const matrix = (name: 'a' | 'b'): Tensor2D => tf.reshape(inputs.tensor(name), [rows, width])
      const run = tf.valueAndGrads((...inputs: Tensor[]) => {
        const [a, b, scale] = inputs as [Tensor2D, Tensor2D, Scalar]
        const value = loss({ a: l2Normalize(a), b: l2Normalize(b), scale }, ids)
        // Each gets a gradient, whatever the loss takes.
        return tf.add(value, tf.mul(tf.add(tf.sum(a), tf.sum(b)), 1e-3)) as Scalar
      })
      const { value, grads } = run([
        matrix('a'),
        matrix('b'),
        tf.reshape(inputs.tensor('scale'), []) as Scalar,
      ])
      return tf.concat([value, ...grads].map(read))
    },
  })
}

const valuesOf = ({ rows, width }: Sizes, step: number) => ({
  a: normals(rows * width, `a ${step}`),
  b: normals(rows * width, `b ${step}`),
  ids: Int32Array.from({ length: rows }, (_, i) => (i * i + step) % 9),
  scale: Float32Array.of(1 + step / 10),
})

describe.skipIf(gpu === null)(
  gpu === null ? 'recorded similarities: skipped, there is no WebGPU adapter' : 'recorded similarities',
  () => {
    it.each(Object.entries(losses))(
      'replay bit for bit what is computed one by one: %s',
      async (_name, loss) => {
        const device = await createDevice({ backend: 'webgpu', gpu })
        const workspace = new Workspace(tf.backend() as LabBackend)
        const sizes = { rows: 130, width: 12 }
        const [eager, recorded] = [true, false].map((isEager) =>
          open(loss, sizes, { workspace, isEager, read: all }),
        )
        for (let step = 0; step < 3; step++) {
          const expected = await eager!.call(valuesOf(sizes, step), step).read()
          const got = await recorded!.call(valuesOf(sizes, step), step).read()
          expect(sameBits(got, expected), `step ${step}`).toBe(true)
        }
        expect(recorded!.refusal).toBeNull()
        for (const f of [eager, recorded]) f!.dispose()
        workspace.dispose()
        device.throwIfFailed()
        device.dispose()
      },
    )

    const sizes = { rows: 4096, width: 256 }

    /** Compiled and with all its memory, which a call adds nothing to but a reading. */
    async function withLarge(
      loss: Loss,
      check: (recorded: DeviceFunction<Feeds>, takenBytes: number) => void | Promise<void>,
    ): Promise<void> {
      const device = await createDevice({ backend: 'webgpu', gpu })
      const before = device.memory().usedBytes
      const workspace = new Workspace(tf.backend() as LabBackend)
      const recorded = open(loss, sizes, { workspace, isEager: false, read: squares })
      await recorded.prepare(() => {})
      await check(recorded, device.memory().usedBytes - before)
      expect(recorded.refusal).toBeNull()
      recorded.dispose()
      workspace.dispose()
      device.throwIfFailed()
      device.dispose()
    }

    it.each(Object.entries(large))(
      'take less than 128 MB for 4,096 rows of width 256, all told: %s',
      (_name, loss) =>
        withLarge(loss, (_recorded, takenBytes) => {
          // Rows, unit rows, their gradients and those of the rows alone are 32 MB.
          expect(takenBytes).toBeGreaterThan(32e6)
          expect(takenBytes).toBeLessThan(128e6)
        }),
    )

    it('are finite for 4,096 rows of width 256', { timeout: 120_000 }, () =>
      withLarge(losses['both directions']!, async (recorded) => {
        for (const value of await recorded.call(valuesOf(sizes, 0), 0).read())
          expect(value > 0 && Number.isFinite(value), `${value}`).toBe(true)
      }),
    )
  },
)
