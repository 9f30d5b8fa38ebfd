import { DataError } from '../../../core/errors.ts'
import type { NamedTensors } from '../../../core/hostTensor.ts'
import type { ConfigValue } from '../../../core/schema.ts'
import { showValue } from '../../../core/showValue.ts'
import { hubActivations, type HubConfig } from './hubArchitecture.ts'

/** Names of the same activation in older and other files. */
const otherNames: Readonly<Record<string, string>> = {
  gelu_pytorch_tanh: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  swish: 'silu',
}

/**
 * Somebody's weights, asked for the settings of the model that they are of: sizes are told by shapes, the rest by the
 * `config.json` beside them, or else it is what the architecture usually has, which `assumed` tells.
 */
export class HubFile {
  /** What neither shapes nor `config.json` told, in words. */
  readonly assumed: string[]
  readonly #name: string
  readonly #tensors: NamedTensors
  readonly #says: HubConfig

  /** @param tensors by the names that `importName` gives */
  constructor(name: string, tensors: NamedTensors, says: HubConfig, assumed: string[] = []) {
    this.#name = name
    this.#tensors = tensors
    this.#says = says
    this.assumed = assumed
  }

  has(tensor: string): boolean {
    return this.#tensors.has(tensor)
  }

  /** Whether a head has a table of its own: one that is there and no copy of the other. */
  hasOwn(head: string, words: string): boolean {
    const [own, other] = [this.#tensors.get(head), this.#tensors.get(words)]
    if (own === undefined || other === undefined) return own !== undefined
    return own.dtype !== other.dtype || own.data.some((value, i) => value !== other.data[i])
  }

  /** @throws DataError `weights-mismatch` where the tensor or the axis is not there */
  size(tensor: string, axis: number): number {
    const shape = this.#tensors.get(tensor)?.shape
    const size = shape?.at(axis)
    if (size !== undefined && size > 0) return size
    const got = shape === undefined ? 'none' : `[${shape.slice(0, 8).join(', ')}]`
    throw new DataError(`${this.#name}: must hold ${tensor}, which tells a size of the model, got ${got}`, {
      code: 'weights-mismatch',
      remedy:
        'The file is of another architecture, of parts of one, or cut: take the whole model. Nothing was stored.',
    })
  }

  /** How many blocks `<prefix>0.`, `<prefix>1.`, … there are. */
  layers(prefix: string): number {
    const numbers = [...this.#tensors.keys()].flatMap((name) =>
      name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : [],
    )
    return 1 + numbers.reduce((most, number) => (number > most ? number : most), -1)
  }

  /** What `config.json` says under a name, else what is usual. Its type is for the schema to check. */
  setting(key: string, label: string, usual: ConfigValue): ConfigValue {
    const value = this.#says[key]
    if (value !== undefined && value !== null) return value as ConfigValue
    this.assumed.push(`${label} ${showValue(usual)}`)
    return usual
  }

  /** A share of units; 0 where nobody says one. */
  dropout(key: string): ConfigValue {
    return (this.#says[key] ?? 0) as ConfigValue
  }

  /** Heads of 64 numbers are usual. */
  heads(key: string, width: number): ConfigValue {
    let usual = Math.max(1, Math.floor(width / 64))
    while (width % usual !== 0) usual--
    return this.setting(key, 'heads', usual)
  }

  /** Ours; one that is not known keeps its name there, for the schema to refuse. */
  activation(key: string, usual: string): ConfigValue {
    const given = String(this.setting(key, 'activation', hubActivations[usual]!))
    const ours = Object.entries(hubActivations).find(([, theirs]) => theirs === given)?.[0]
    return ours ?? otherNames[given] ?? given
  }

  /** The same file with the part of `config.json` that is about one of two towers. */
  within(part: string): HubFile {
    const says = this.#says[part]
    const own = typeof says === 'object' && says !== null && !Array.isArray(says) ? (says as HubConfig) : {}
    return new HubFile(this.#name, this.#tensors, own, this.assumed)
  }
}
