import type { ConfigValue } from '../../core/schema.ts'
import { createOrderedRegistry } from '../orderedRegistry.ts'
import type { TransformKind } from './defineTransform.ts'

export const transforms = createOrderedRegistry<TransformKind>(
  'transforms',
  import.meta.glob<{ default: TransformKind }>(
    ['./*.ts', '!./*.test.ts', '!./registry.ts', '!./defineTransform.ts'],
    {
      eager: true,
    },
  ),
)

/** Runs a text through transforms, one after the other. */
export async function* transformText(
  pieces: AsyncIterable<string>,
  steps: readonly ({ kind: string } & Record<string, ConfigValue>)[],
): AsyncGenerator<string, void, void> {
  const chain = steps.map((step) => transforms.get(step.kind).create(step))
  for await (const piece of pieces) {
    const text = chain.reduce((held, transform) => transform.push(held), piece)
    if (text !== '') yield text
  }
  let rest = ''
  for (const transform of chain) rest = transform.push(rest) + transform.end()
  if (rest !== '') yield rest
}
