import { canonicalJson } from '../../core/canonicalJson.ts'
import { ConfigError } from '../../core/errors.ts'
import { deepFreeze } from '../../core/schema.ts'
import { sha256Hex } from '../../core/sha256.ts'
import type { StepIdentity } from '../../core/steps.ts'
import type { StepKind } from './defineStep.ts'

/** What a graph begins with: content that is known by its hash, and read only when a step is computed. */
export interface SourceNode<Value> {
  readonly key: string
  readonly kind: null
  readonly value: Value
}

/** A step with its settings and inputs. Its key is known before anything is computed. */
export interface StepNode<Value> {
  readonly key: string
  readonly identity: StepIdentity
  readonly kind: StepKind<never, never, Value>
  readonly inputs: Readonly<Record<string, GraphNode<unknown>>>
}

export type GraphNode<Value> = StepNode<Value> | SourceNode<Value>

/** @param sha256 of the content that `value` gives */
export function sourceNode<Value>(sha256: string, value: Value): SourceNode<Value> {
  return { key: keyOf({ source: sha256 }), kind: null, value }
}

/** What a graph of another place has made, under the key that it has there. */
export function madeNode<Value>(key: string, value: Value): SourceNode<Value> {
  return { key, kind: null, value }
}

/** Throws ConfigError `step-config` for settings that are not plain data. */
export function stepNode<Config, Inputs extends object, Value>(
  kind: StepKind<Config, Inputs, Value>,
  options: {
    config: Config
    inputs: { readonly [Name in keyof Inputs]: GraphNode<Inputs[Name]> }
    seed?: number
    parts?: Readonly<Record<string, number>>
  },
): StepNode<Value> {
  const { config, inputs, seed, parts = {} } = options
  const nodes: [string, GraphNode<unknown>][] = Object.entries(inputs)
  const identity: StepIdentity = {
    step: kind.id,
    version: kind.version,
    parts,
    config: plainCopy(config, 'config'),
    seed: seed ?? null,
    inputs: Object.fromEntries(nodes.map(([name, { key }]) => [name, key])),
  }
  return {
    key: keyOf(identity),
    identity: deepFreeze(identity),
    kind: kind as unknown as StepKind<never, never, Value>,
    inputs: Object.fromEntries(nodes),
  }
}

function keyOf(value: object): string {
  return sha256Hex(new TextEncoder().encode(canonicalJson(value)))
}

/**
 * Settings as canonical JSON would give them back, so that a step cannot see what its key does not: members that are
 * `undefined` are left out, and -0 is 0.
 */
function plainCopy(value: unknown, path: string): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  if (Array.isArray(value)) return Array.from(value, (entry, i) => plainCopy(entry, `${path}[${i}]`))
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(entries.map(([name, member]) => [name, plainCopy(member, `${path}.${name}`)]))
  }
  const got = typeof value === 'object' ? (value.constructor?.name ?? 'an object') : String(value)
  throw new ConfigError(`Step: ${path} must be plain data, got ${got}`, {
    code: 'step-config',
    remedy: 'Give finite numbers, texts, true, false, null, lists and objects of these.',
  })
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
  )
}
