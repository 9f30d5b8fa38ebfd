import { expect } from 'vitest'
import { LabBackend } from '../../src/engine/backend/labBackend.ts'
import { onCpu } from '../../src/engine/backend/onCpu.ts'
import * as tf from '../../src/engine/backend/tfjs.ts'
import {
  withChangedInputs,
  type SelfTestCase,
  type SelfTestSizes,
} from '../../src/engine/selfTest/defineSelfTest.ts'
import { selfTests } from '../../src/engine/selfTest/registry.ts'
import {
  expectClose,
  expectFusedMatchesTwin,
  heldBy,
  inputsOf,
  withoutSubgroups,
  type KernelCase,
  type Tolerance,
} from './kernels.ts'

/** Where workgroups and blocks hold one number, are one short of full, full, just over, and many. */
const telling = [1, 63, 64, 65, 1000]

/**
 * Each axis through all of them, the others small. Not one number a row: it has no direction and no variance, and what
 * is left of its gradients is rounding.
 */
export const tellingSizes: readonly SelfTestSizes[] = telling.flatMap((size) => [
  { rows: size, width: 8, columns: 12 },
  ...(size === 1 ? [] : [{ rows: 6, width: size, columns: 12 }]),
  { rows: 6, width: 8, columns: size },
])

const all =
  (value: number) =>
  (normals: Float32Array): Float32Array =>
    normals.fill(value)
const times =
  (scale: number) =>
  (normals: Float32Array): Float32Array =>
    normals.map((value) => value * scale)

/** Instead of standard normals. float32 ends at 3.4e38 and is normal from 1.2e-38 on. */
const extremes: Readonly<Record<string, (normals: Float32Array) => Float32Array>> = {
  'of 1e4': times(1e4),
  'of 1e18': times(1e18),
  'of 1e-20': times(1e-20),
  'below what is normal': times(1e-40),
  'all 0': all(0),
  'all -0': all(-0),
  'all alike': all(0.5),
}
type Extreme = keyof typeof extremes

export type KernelForm = 'rasterisers' | 'GPUs' | 'devices without subgroups'
export const kernelForms: readonly KernelForm[] = ['rasterisers', 'GPUs', 'devices without subgroups']

/** What a kernel works on; what comes beside it stays as it is. */
const isWorkedOn = (name: string): boolean =>
  /^(input 0|[ax]|(stack|gradient) \d|total|average|kept)$/.test(name)

/**
 * Of scores so large softmax takes the one that is largest, and what gradients there are is left of numbers that cancel:
 * outputs alone tell.
 */
const isAllOrNothing = (id: string, extreme?: Extreme): boolean =>
  id === 'attention' && /1e(4|18)/.test(extreme ?? '')

interface Looked {
  readonly sizes: readonly SelfTestSizes[]
  readonly forms: readonly KernelForm[]
  /** Standard normals when it is left out. */
  readonly extreme?: Extreme
}

/**
 * All that the kernel's self-test looks at, outputs and gradients, against the CPU, which adds up in float64; and
 * that neither tensors nor buffers become more. On the CPU, which has no kernels, there is nothing to look at.
 */
export async function expectRightKernel(id: string, looked: Looked): Promise<void> {
  const { sizes, forms, extreme } = looked
  const lab = tf.backend()
  if (!(lab instanceof LabBackend)) return
  for (const size of sizes) {
    for (const each of selfTests.get(id).cases(size)) {
      let changed = 0
      const compute = (backend: LabBackend | null) =>
        withChangedInputs(
          (name, normals) => {
            if (extreme === undefined || !isWorkedOn(name)) return normals
            changed++
            return extremes[extreme]!(normals)
          },
          () => tf.tidy(() => each.compute(backend)),
        )
      const truth = await valuesOf(onCpu(() => compute(null)))
      expect(changed > 0, `${id}, ${each.name}: has an input that is ${extreme}`).toBe(extreme !== undefined)
      const isOnlyOutput = isAllOrNothing(id, extreme)
      for (const form of forms) {
        const what = `${id}, ${each.name}, ${JSON.stringify(size)}, ${extreme ?? 'normal'}, for ${form}`
        await inForm(lab, form, () =>
          expectSame(lab, () => compute(lab), { each, truth, what, isOnlyOutput }),
        )
      }
    }
  }
}

/** The same for each kind of extreme numbers, small, so that the programs are the same for all of them. */
export async function expectRightForExtremes(id: string, forms: readonly KernelForm[]): Promise<void> {
  for (const extreme of Object.keys(extremes))
    await expectRightKernel(id, { sizes: [{ rows: 5, width: 7, columns: 9 }], forms, extreme })
}

/** The same with a case of the kernel's own tests, whose programs are there already, against its twin. */
export async function expectMatchesTwinForExtremes(kernel: KernelCase, tolerance: Tolerance): Promise<void> {
  const [normals] = inputsOf(kernel)
  for (const change of Object.values(extremes))
    await expectFusedMatchesTwin({ ...kernel, inputs: [change(normals!.slice())] }, tolerance)
}

async function inForm(lab: LabBackend, form: KernelForm, run: () => Promise<void>): Promise<void> {
  const { isSoftware } = lab
  lab.isSoftware = form !== 'GPUs'
  try {
    await (form === 'devices without subgroups' ? withoutSubgroups(run) : run())
  } finally {
    lab.isSoftware = isSoftware
  }
}

async function expectSame(
  lab: LabBackend,
  compute: () => tf.Tensor[],
  {
    each,
    truth,
    what,
    isOnlyOutput,
  }: { each: SelfTestCase; truth: readonly Float32Array[]; what: string; isOnlyOutput: boolean },
): Promise<void> {
  const tolerance = each.tolerance ?? 1e-4
  const first = await valuesOf(compute())
  first.forEach((values, k) => {
    if (isOnlyOutput && k % truth.length > 0) return
    expectClose(
      values,
      truth[k % truth.length]!,
      { rtol: tolerance, atol: 1e-3 * tolerance },
      `${what}, tensor ${k}`,
    )
  })
  const held = heldBy(lab)
  await valuesOf(compute())
  expect(heldBy(lab), `${what}: held after the second time`).toEqual(held)
}

async function valuesOf(tensors: readonly tf.Tensor[]): Promise<Float32Array[]> {
  const values = await Promise.all(tensors.map(async (tensor) => Float32Array.from(await tensor.data())))
  tf.dispose([...tensors])
  return values
}
