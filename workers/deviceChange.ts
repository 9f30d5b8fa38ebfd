import { DeviceError } from '../src/core/errors.ts'
import type { DeviceInfo, TrainEvent } from '../src/engine/training/types.ts'
import type { DeviceRecord } from '../src/storage/types.ts'

export function isDeviceLoss(error: unknown): error is DeviceError {
  return error instanceof DeviceError && error.code === 'device-lost'
}

/** The codes with which `createDevice` says that there is none to be had. */
export function isWithoutDevice(error: unknown): error is DeviceError {
  const codes = ['no-webgpu', 'no-adapter', 'limits-too-small', 'device-failed']
  return error instanceof DeviceError && codes.includes(error.code)
}

export function gpuGone(trainedOn: DeviceRecord | null, cause: DeviceError): DeviceError {
  const name = trainedOn ? ` (${trainedOn.name})` : ''
  return new DeviceError(
    `The GPU that this run was trained on${name} is gone, and only the CPU is left. The CPU rounds otherwise, so the run does not go on there by itself. Its checkpoints are kept.`,
    {
      code: 'gpu-gone',
      remedy: `Reload the page to look for the GPU again, then press Continue; where there is still none, it goes on on the CPU, slowly. ${cause.remedy}`,
      details: { said: cause.message },
      cause,
    },
  )
}

/** What a run's record keeps of a device, the browser left out. */
export function deviceRecord(
  { name, backend, isSoftware }: DeviceInfo,
  tested: Pick<DeviceRecord, 'replacedKernels' | 'untestedKernels'>,
): Omit<DeviceRecord, 'userAgent'> {
  return { name, backend, isSoftware, ...tested }
}

/** What is told where the steps from `step` on are done on a device. */
export function deviceNotices(former: DeviceRecord | null, now: DeviceRecord, step: number): TrainEvent[] {
  const hasMoved = former && step > 0 && (former.name !== now.name || former.backend !== now.backend)
  const hasTwins = now.replacedKernels !== undefined && now.replacedKernels.length > 0
  return [...(hasMoved ? [moveNotice(former, now, step)] : []), ...(hasTwins ? [twinsNotice(now, step)] : [])]
}

/** What changes for whoever compares the numbers of a run that two devices share. */
function moveNotice(former: DeviceRecord, now: DeviceRecord, step: number): TrainEvent {
  const isDemoted = former.backend === 'webgpu' && now.backend === 'cpu'
  return {
    type: 'notice',
    step,
    level: isDemoted ? 'warning' : 'info',
    title: `Goes on on ${now.name}; the steps up to ${step} were done on ${former.name}`,
    detail: `Nothing learned is lost. The two round otherwise: losses from here on are close to those of an undisturbed run, not equal to the last digit.${isDemoted ? ' It is slower, too: with the GPU back, reload the page and continue there.' : ''}`,
  }
}

/** That kernels which were found wrong on the device do not take part. */
function twinsNotice({ name, replacedKernels = [] }: DeviceRecord, step: number): TrainEvent {
  return {
    type: 'notice',
    step,
    level: 'warning',
    title: `Without the fast form of ${replacedKernels.join(', ')}, which the self-test found wrong on ${name}`,
    detail: 'Slower forms compute in their place. Losses are as good; steps take longer.',
  }
}

/** What is told between a loss and the next try. */
export function recoveryEvents(error: DeviceError, step: number, done: number, total: number): TrainEvent[] {
  return [
    { type: 'status', status: 'preparing', step },
    { type: 'phase', phase: { name: 'recovering', done, total, unit: '' } },
    {
      type: 'notice',
      step,
      level: 'warning',
      title: 'The GPU was lost; going on from the last checkpoint',
      detail: `${error.message} Try ${done} of ${total}.`,
    },
  ]
}
