import { expect, it } from 'vitest'
import { recordingIo } from '../../../tests/helpers/commandIo.ts'
import { encodeCertificate } from '../../core/certificate.ts'
import { parseRunConfig } from '../../core/runConfig.ts'
import { encodeConfig } from '../../core/urlCodec.ts'
import { runSchema } from '../resolveConfig.ts'
import train from './train.ts'

const schema = runSchema()
const config = parseRunConfig(schema, {
  data: { source: { kind: 'bundled', id: 'moby-dick-opening' } },
  model: { numLayers: 1, numHeads: 2, embedDim: 8, seqLen: 8 },
  stages: [{ totalSteps: 4, batchSize: 1, evaluateEvery: 4 }],
  evaluation: { batches: 1, sampleEvery: 0 },
})
const bare = `https://example.org/#c=${encodeConfig(schema, config)}`
const linkOf = (losses: readonly number[]) =>
  `${bare}&r=${encodeCertificate({ adapter: 'cpu', browser: 'Node', codeVersion: '', losses })}`

async function run(...args: string[]) {
  const { io, lines, notes } = recordingIo()
  expect(await train.run([...args, '--backend', 'cpu'], io)).toBe(0)
  const losses = lines.flatMap((line) => {
    const loss = (JSON.parse(line) as Record<string, unknown>)['train/loss']
    return typeof loss === 'number' ? [loss] : []
  })
  return { losses, said: notes.filter((note) => /in the link/.test(note)) }
}

it('says whether a run of a link came to the same losses, and nothing where its settings were changed', async () => {
  const { losses, said } = await run(bare)
  expect(losses).toHaveLength(4)
  expect(said).toEqual([])
  expect((await run(linkOf(losses))).said).toEqual([
    expect.stringMatching(
      /^The same as in the link\. The losses of the first 4 updates are the same, bit for bit/,
    ),
  ])
  const other = losses.with(2, Math.fround(losses[2]! * 1.1))
  expect((await run(linkOf(other))).said).toEqual([
    expect.stringMatching(/^Not the same as in the link\. The loss of update 3 is /),
  ])
  expect((await run(linkOf(losses), '--seed', '5')).said).toEqual([])
})

it('refuses a certificate that was cut off', async () => {
  await expect(run(linkOf([1]).slice(0, -4))).rejects.toMatchObject({ code: 'link-checksum' })
})
