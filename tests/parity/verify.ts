import { DataError } from '../../src/core/errors.ts'
import { elementCount } from '../../src/core/hostTensor.ts'
import type { EngineDevice } from '../../src/engine/backend/createDevice.ts'
import { readSafetensors } from '../../src/core/safetensors/read.ts'
import type { Kind, KindContext } from './defineKind.ts'
import { GoldenCase, words } from './goldenCase.ts'
import { asList, asRecord, asText, isMalformed, malformed, type Json, type JsonRecord } from './json.ts'
import { kindOf } from './kinds.ts'
import { Ledger } from './ledger.ts'
import { DeviceSource } from './deviceSource.ts'
import { describeFailure, describeWorst } from './report.ts'
import { Unsupported } from './unsupported.ts'

/** A golden file and the folder that it lies in. */
export interface GoldenSource {
  /** For people. */
  readonly name: string
  read(): Promise<Uint8Array>
  readBeside(name: string): Promise<Uint8Array>
  listBeside(): Promise<readonly string[]>
}

export type Status = 'ok' | 'FAIL' | 'unsupported'

export interface CaseResult {
  readonly status: Status
  /** `kind/case` */
  readonly name: string
  readonly detail: string
}

export interface Summary {
  readonly passed: number
  readonly failed: number
  readonly unsupported: number
  /** Files that could not be read. */
  readonly unreadable: number
}

export interface VerifyOptions {
  openDevice(): Promise<EngineDevice>
  onCase(result: CaseResult): void
  onUnreadable(source: GoldenSource, error: DataError): void
}

/**
 * Runs every case of every file through the engine. Throws only when the device cannot be had or is lost; everything
 * else is a result. The device is opened for the first case that computes with tensors, and closed at the end.
 */
export async function verifyFiles(
  sources: readonly GoldenSource[],
  options: VerifyOptions,
): Promise<Summary> {
  const counts = { ok: 0, FAIL: 0, unsupported: 0 }
  let unreadable = 0
  const device = new DeviceSource(() => options.openDevice())
  const tell = (result: CaseResult) => {
    counts[result.status]++
    options.onCase(result)
  }
  try {
    for (const source of sources) {
      try {
        await verifyFile(source, device, tell)
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        unreadable++
        options.onUnreadable(source, error)
      }
    }
  } finally {
    device.dispose()
  }
  return { passed: counts.ok, failed: counts.FAIL, unsupported: counts.unsupported, unreadable }
}

async function verifyFile(
  source: GoldenSource,
  device: DeviceSource,
  tell: (result: CaseResult) => void,
): Promise<void> {
  const bytes = await source.read()
  if (!looksLikeJson(bytes)) {
    if (!looksLikeSafetensors(bytes, source.name))
      throw malformed('golden file', 'JSON or safetensors', startOf(bytes))
    return tell(summarise(source, bytes))
  }
  const file = parseFile(bytes)
  const kind = kindOf(file)
  const records = casesOf(file, kind?.casesIn ?? 'cases')
  if (kind === null) {
    const what = asText(file['what'], 'what')
    for (const { name } of records) {
      tell({ status: 'unsupported', name: `${what}/${name}`, detail: `(no mapping for files of "${what}")` })
    }
    return
  }
  const contextOf = (): KindContext => ({
    file: new Ledger(file, '', [kind.casesIn, ...words]),
    device: () => device.get(),
    readBeside: (name) => source.readBeside(name),
    listBeside: () => source.listBeside(),
  })
  for (const { record, name } of records)
    tell(await runCase(kind, { record, name, context: contextOf(), isAlone: record === file, device }))
}

function startOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 64)).trimStart()
}

function looksLikeSafetensors(bytes: Uint8Array, name: string): boolean {
  return bytes[8] === 0x7b || name.endsWith('.safetensors')
}

function looksLikeJson(bytes: Uint8Array): boolean {
  const head = startOf(bytes)
  // A safetensors file begins with eight bytes of length, and only then with its own JSON.
  return (head.startsWith('{') || head.startsWith('[')) && !(bytes[7] === 0 && bytes[8] === 0x7b)
}

function parseFile(bytes: Uint8Array): JsonRecord {
  const text = new TextDecoder().decode(bytes)
  try {
    return asRecord(JSON.parse(text) as Json, 'golden file')
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw malformed('golden file', 'JSON', cause instanceof Error ? cause.message : String(cause))
  }
}

/** Cases with their names; a file without a list is one case, as those of the folder `dataquality`. */
function casesOf(file: JsonRecord, listName: string): { record: JsonRecord; name: string }[] {
  const list = file[listName]
  if (list === undefined) {
    if (!('expected' in file))
      throw malformed('golden file', `an object with "${listName}"`, Object.keys(file))
    return [{ record: file, name: asText(file['name'] ?? 'case', 'name') }]
  }
  return asList(list, listName).map((item, i) => {
    const record = asRecord(item, `${listName}[${i}]`)
    return {
      record,
      name: asText(record['name'] ?? record['file'] ?? `case ${i + 1}`, `${listName}[${i}].name`),
    }
  })
}

interface CaseRun {
  readonly record: JsonRecord
  readonly name: string
  readonly context: KindContext
  /** The file is the case. */
  readonly isAlone: boolean
  readonly device: DeviceSource
}

async function runCase(kind: Kind, { record, name, context, isAlone, device }: CaseRun): Promise<CaseResult> {
  const full = `${kind.id}/${name}`
  const unsupported = (reason: string): CaseResult => ({
    status: 'unsupported',
    name: full,
    detail: `(${reason})`,
  })
  let golden: GoldenCase | null = null
  try {
    golden = new GoldenCase(record, name)
    await kind.check(golden, context)
    device.throwIfFailed()
  } catch (error) {
    device.throwIfLost()
    if (error instanceof Unsupported) return unsupported(error.message)
    // A parameter that was not read may be why; inputs may merely not have had their turn.
    const overlooked = isMalformed(error) ? [] : (golden?.params.untouched ?? [])
    if (overlooked.length > 0) return unsupported(`${overlooked.join(', ')} is not mapped`)
    return {
      status: 'FAIL',
      name: full,
      detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    }
  }
  // What a mapping did not read may change the meaning of all the rest.
  const { params, inputs, fields } = golden
  const ofFile = isAlone ? [] : context.file.untouched
  const overlooked = [...params.untouched, ...inputs.untouched, ...fields.untouched, ...ofFile]
  if (overlooked.length > 0) return unsupported(`${overlooked.join(', ')} is not mapped`)
  const { failure, count } = golden.comparison
  if (failure !== null) return { status: 'FAIL', name: full, detail: describeFailure(golden.comparison) }
  const { untouched } = golden.expected
  if (untouched.length > 0) return unsupported(`${untouched.join(', ')} is not compared`)
  if (count === 0) return unsupported('nothing to compare')
  return { status: 'ok', name: full, detail: describeWorst(golden.comparison) }
}

/** A safetensors file by itself holds no expected values: it is read and described. */
function summarise(source: GoldenSource, bytes: Uint8Array): CaseResult {
  const { tensors } = readSafetensors(bytes)
  const numbers = [...tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0)
  const dtypes = [...new Set([...tensors.values()].map(({ dtype }) => dtype))].sort().join(', ')
  const detail = `read: ${tensors.size} tensors, ${numbers} numbers${dtypes === '' ? '' : ` (${dtypes})`}`
  return { status: 'ok', name: `safetensors/${source.name}`, detail }
}
