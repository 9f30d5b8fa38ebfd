import type { NamedTensors } from '../../src/core/hostTensor.ts'
import { readSafetensors } from '../../src/core/safetensors/read.ts'
import type { KindContext } from './defineKind.ts'
import type { GoldenCase } from './goldenCase.ts'
import { malformed, type Json } from './json.ts'

export interface WeightFile {
  readonly name: string
  readonly tensors: NamedTensors
}

/**
 * The weights of a case: the file that is named first, then files that hold the same weights in another dress. They are
 * named in a field `weights` of the case or the file, else in the file's texts, else by lying alone beside it.
 */
export async function readWeightFiles({ fields }: GoldenCase, context: KindContext): Promise<WeightFile[]> {
  const own = fields.takeIfThere('weights')
  const shared = context.file.takeIfThere('weights')
  const texts = ['what', 'definition'].map((name) => context.file.peek(name) ?? '')
  const stated = namesIn(own ?? shared ?? texts)
  const beside = (await context.listBeside()).filter((name) => name.endsWith('.safetensors'))
  const found = stated.filter((name) => beside.includes(name))
  const alone = stated.length === 0 && beside.length === 1 ? beside : []
  const names = [...found, ...alone]
  if (names.length === 0)
    throw malformed('weights', `a .safetensors file beside this one (${stated.join(', ')})`, beside)
  return Promise.all(
    names.map(async (name) => ({ name, tensors: readSafetensors(await context.readBeside(name)).tensors })),
  )
}

function namesIn(stated: Json | undefined): string[] {
  const text = typeof stated === 'string' ? stated : JSON.stringify(stated ?? '')
  return [...new Set(text.match(/[\w.-]+\.safetensors/g) ?? [])]
}
