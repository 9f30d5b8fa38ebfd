import type { DeviceInfo } from '../../../workers/protocol.ts'
import { createRegistry } from '../../core/registry.ts'
import type { ConfigValue } from '../../core/schema.ts'

/** A partial configuration with a name. Nothing in the code knows a preset but its own file. */
export interface Preset {
  id: string
  title: string
  summary: string
  task: string
  /** Laid over the schema's defaults. */
  config: ConfigValue
  /** Order in lists; the first that suits the machine is loaded on a first visit. */
  rank: number
  /** Small enough for the CPU and for software rasterisers. */
  suitsSoftware: boolean
}

export const presetRegistry = createRegistry<Preset>(
  'preset',
  import.meta.glob<{ default: Preset }>(['./*.ts', '!./registry.ts', '!./*.test.ts'], { eager: true }),
)
export const presets: readonly Preset[] = [...presetRegistry.all].sort((a, b) => a.rank - b.rank)

/** What a first visit opens on. */
export function suggestedPreset(device: DeviceInfo): Preset {
  const isSlow = device.isSoftware || device.backend === 'cpu'
  return presets.find((preset) => !isSlow || preset.suitsSoftware) ?? presets[0]!
}
