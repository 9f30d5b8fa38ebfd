import type { LabBackend } from '../../backend/labBackend.ts'
import { hasSubgroups } from '../subgroups.ts'
import { laneWgsl, type LaneTile } from './laneWgsl.ts'
import type { MatmulShape } from './matmulShape.ts'
import { sharedWgsl, type SharedTile } from './sharedWgsl.ts'

/** One way to multiply. */
export interface MatmulKernel {
  /** Outputs of a workgroup. */
  readonly block: readonly [rows: number, columns: number]
  /** Parts of `inner` that are summed apart and then in order. */
  readonly parts: number
  readonly head: string
  wgsl(shape: MatmulShape, hasColumnSums: boolean): string
}

export type MatmulKernelName = keyof typeof kernels

function lane(tile: LaneTile): MatmulKernel {
  return {
    block: [tile.rows, tile.columns * (tile.lanes === 1 ? 8 : tile.lanes)],
    parts: 1,
    head: tile.lanes === 1 ? '' : 'enable subgroups;\n',
    wgsl: (shape, hasColumnSums) => laneWgsl(shape, tile, hasColumnSums),
  }
}

function shared(tile: SharedTile, parts = 1): MatmulKernel {
  const [across, down] = tile.threads
  return {
    block: [down * tile.rows, across * 4],
    parts,
    head: '',
    wgsl: (shape, hasColumnSums) => sharedWgsl(shape, tile, hasColumnSums, parts),
  }
}

const small: SharedTile = { rows: 4, threads: [8, 8] }
const large: SharedTile = { rows: 8, threads: [16, 8] }

/** By name, so that a choice can be stored. */
export const kernels = {
  'registers-4x8': lane({ rows: 4, columns: 8, lanes: 1 }),
  'lanes4-8x4': lane({ rows: 8, columns: 4, lanes: 4 }),
  'lanes4-16x8': lane({ rows: 16, columns: 8, lanes: 4 }),
  'lanes8-8x4': lane({ rows: 8, columns: 4, lanes: 8 }),
  'lanes8-16x4': lane({ rows: 16, columns: 4, lanes: 8 }),
  'lanes8-32x4': lane({ rows: 32, columns: 4, lanes: 8 }),
  'shared-32x32': shared(small),
  'shared-64x64': shared(large),
  'shared-32x32-4parts': shared(small, 4),
  'shared-64x64-4parts': shared(large, 4),
  'shared-32x32-16parts': shared(small, 16),
  'shared-64x64-16parts': shared(large, 16),
} as const satisfies Record<string, MatmulKernel>

/** The size of every subgroup where it is one number and the device has subgroups, else null. */
function subgroupSize(device: GPUDevice): number | null {
  if (!hasSubgroups(device)) return null
  const { subgroupMinSize, subgroupMaxSize } = device.adapterInfo
  return subgroupMinSize === subgroupMaxSize ? subgroupMinSize : null
}

/** Names of the kernels that run on a device. */
export function namesOn(device: GPUDevice): MatmulKernelName[] {
  const size = subgroupSize(device)
  return (Object.keys(kernels) as MatmulKernelName[]).filter((name) => {
    const lanes = /^lanes(\d+)/.exec(name)?.[1]
    return lanes === undefined || Number(lanes) === size
  })
}

/**
 * Those that are worth trying on a kind of adapter, and that the self-test looks at: on a rasteriser every form with barriers
 * has lost by far, and compiling it takes the time of the others.
 */
export function usualKernels(backend: LabBackend, canBeParts: boolean): MatmulKernelName[] {
  const names = possibleKernels(backend, canBeParts)
  return backend.isSoftware ? names.filter((name) => !name.startsWith('shared')) : names
}

/** Those that can make a product; sums in parts leave no place for an epilogue. */
export function possibleKernels({ device }: LabBackend, canBeParts: boolean): MatmulKernelName[] {
  return namesOn(device).filter((name) => canBeParts || kernels[name].parts === 1)
}
