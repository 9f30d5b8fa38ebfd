import type { LabBackend } from '../backend/labBackend.ts'

let isUnused = false

/** Makes all kernels use their forms without subgroups, as on a device that has none: tests run both. */
export function setSubgroupsUnused(value: boolean): void {
  isUnused = value
}

/**
 * Lanes that every subgroup of the device surely has, of those that kernels know how to use; null without subgroups.
 * Larger subgroups work as well: a lane then repeats the work of lane % lanes.
 */
export function sureLanes({ device }: LabBackend): 4 | 8 | null {
  if (!hasSubgroups(device)) return null
  const smallest = device.adapterInfo?.subgroupMinSize ?? 0
  if (smallest >= 8) return 8
  return smallest >= 4 ? 4 : null
}

export function hasSubgroups({ features }: GPUDevice): boolean {
  return !isUnused && features.has('subgroups')
}
