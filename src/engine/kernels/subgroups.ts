import type { LabBackend } from '../backend/labBackend.ts'

let isUnused = false

/** Makes kernels use their forms without subgroups: tests run both. */
export function setSubgroupsUnused(value: boolean): void {
  isUnused = value
}

/**
 * Lanes that every subgroup of the device surely has, of those that kernels know how to use; null without subgroups.
 * Larger subgroups work as well: a lane then repeats the work of lane % lanes.
 */
export function sureLanes({ device }: LabBackend): 4 | 8 | null {
  if (isUnused || !device.features.has('subgroups')) return null
  const smallest = device.adapterInfo?.subgroupMinSize ?? 0
  if (smallest >= 8) return 8
  return smallest >= 4 ? 4 : null
}
