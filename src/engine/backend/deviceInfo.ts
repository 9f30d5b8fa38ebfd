import type { DeviceInfo } from '../training/types.ts'

/** What is read of a GPUAdapter: browsers differ in which of these they fill in. */
export interface AdapterFacts {
  info?: Partial<GPUAdapterInfo>
  isFallbackAdapter?: boolean
  features: Iterable<string>
  limits: object
}

const limitNames = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const

/** Rasterisers, by a word in one of the adapter's fields. */
const softwareNames: [RegExp, string][] = [
  [/swiftshader/i, 'SwiftShader'],
  [/llvmpipe|lavapipe/i, 'llvmpipe'],
  [/basic render|warp/i, 'WARP'],
]

const vendorNames: Record<string, string> = {
  amd: 'AMD',
  apple: 'Apple',
  arm: 'ARM',
  intel: 'Intel',
  nvidia: 'NVIDIA',
  'img-tec': 'Imagination',
  mesa: 'Mesa',
  qualcomm: 'Qualcomm',
}

export const cpuInfo: DeviceInfo = {
  backend: 'cpu',
  name: 'CPU (JavaScript)',
  vendor: '',
  architecture: '',
  device: '',
  description: '',
  isSoftware: true,
  features: [],
  limits: {},
}

/** The adapter as people and records should see it. */
export function describeAdapter(adapter: AdapterFacts): DeviceInfo {
  const {
    vendor = '',
    architecture = '',
    device = '',
    description = '',
    isFallbackAdapter,
  } = adapter.info ?? {}
  const words = [vendor, architecture, device, description].join(' ')
  const rasteriser = softwareNames.find(([pattern]) => pattern.test(words))?.[1]
  const isSoftware =
    rasteriser !== undefined || isFallbackAdapter === true || adapter.isFallbackAdapter === true
  const name = rasteriser ?? friendlyName(vendor, architecture, device, description)
  return {
    backend: 'webgpu',
    name: isSoftware ? `${name} (software)` : name,
    vendor,
    architecture,
    device,
    description,
    isSoftware,
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(
      limitNames.flatMap((limit) => {
        const value: unknown = Reflect.get(adapter.limits, limit)
        return typeof value === 'number' ? [[limit, value]] : []
      }),
    ),
  }
}

function friendlyName(vendor: string, architecture: string, device: string, description: string): string {
  if (description !== '') return description
  const isPciId = /^(0x)?[0-9a-f]+$/i.test(device)
  if (device !== '' && !isPciId) return device
  if (vendor === '') return 'unnamed GPU'
  const brand = vendorNames[vendor.toLowerCase()] ?? vendor[0]!.toUpperCase() + vendor.slice(1)
  return architecture === '' ? `${brand} GPU` : `${brand} ${architecture}`
}

/** Whether an adapter's shader compiler takes tens of seconds for long unrolled code. */
export function isSlowToCompile({ name }: Pick<DeviceInfo, 'name'>): boolean {
  return name.startsWith('llvmpipe')
}
