import { deflateSync } from 'fflate'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { testCatalog } from '../../tests/fixtures/testCatalog.ts'
import { crc32 } from './crc32.ts'
import { BunsenError } from './errors.ts'
import { createRunSchema, defaultRunConfig, parseRunConfig } from './runConfig.ts'
import { fromBase64Url, toBase64Url } from './packedJson.ts'
import { certificateFromLink, codeFromLink, decodeConfig, encodeConfig } from './urlCodec.ts'

const schema = createRunSchema(testCatalog)
const defaults = defaultRunConfig(schema)

/** A link with any content under a right checksum. */
function forge(json: string, version = 1): string {
  const body = deflateSync(new TextEncoder().encode(json))
  const bytes = new Uint8Array(5 + body.length)
  bytes[0] = version
  new DataView(bytes.buffer).setUint32(1, crc32(body))
  bytes.set(body, 5)
  return toBase64Url(bytes)
}

function refusal(text: string): BunsenError {
  try {
    decodeConfig(schema, text)
  } catch (error) {
    if (error instanceof BunsenError) return error
    throw error
  }
  throw new Error(`was accepted: ${text.slice(0, 40)}`)
}

describe('crc32', () => {
  it('gives the published check value', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  })
})

describe('a share link', () => {
  it('comes back as the same configuration', () => {
    const config = parseRunConfig(schema, {
      name: 'Wal ☂',
      seed: 0,
      model: { kind: 'mlp' },
      stages: [{ totalSteps: 7 }, {}],
    })
    expect(decodeConfig(schema, encodeConfig(schema, config))).toEqual(config)
  })

  it('does not depend on the order in which a config was written', () => {
    const a = parseRunConfig(schema, { seed: 3, model: { norm: 'rms', embedDim: 96 } })
    const b = parseRunConfig(schema, { model: { embedDim: 96, norm: 'rms' }, seed: 3 })
    expect(encodeConfig(schema, a)).toBe(encodeConfig(schema, b))
  })

  it('is short for the defaults', () => {
    expect(encodeConfig(schema, defaults).length).toBeLessThan(16)
  })

  it('is found in an address, in a fragment and beside a certificate', () => {
    const code = encodeConfig(schema, defaults)
    expect(codeFromLink(`https://example.org/bunsen/#c=${code}`)).toBe(code)
    expect(codeFromLink(`#c=${code}&r=abc`)).toBe(code)
    expect(certificateFromLink(`https://example.org/#c=${code}&r=abc`)).toBe('abc')
    expect(certificateFromLink(`#c=${code}`)).toBeNull()
    expect(codeFromLink(` https://example.org/#c=${code}%20\n`)).toBe(code)
    expect(codeFromLink('#')).toBeNull()
    expect(codeFromLink('char-gpt')).toBeNull()
  })

  it('is refused when any one character was changed', () => {
    const code = encodeConfig(schema, parseRunConfig(schema, { seed: 5, name: 'abc' }))
    for (let i = 0; i < code.length; i++) {
      const broken = code.slice(0, i) + (code[i] === 'A' ? 'B' : 'A') + code.slice(i + 1)
      // The last character may hold unused bits: then the content is the same.
      if (toBase64Url(fromBase64Url(broken)!) === code) continue
      expect(refusal(broken).code).toMatch(/^link-/)
    }
  })

  it('is refused with a code for each cause', () => {
    expect(refusal('!!!').code).toBe('link-broken')
    expect(refusal('AQ').code).toBe('link-broken')
    expect(refusal('A'.repeat(9000)).code).toBe('link-too-long')
    expect(refusal(forge('{}', 9)).code).toBe('link-version')
    expect(refusal(forge('{')).code).toBe('link-broken')
    expect(refusal(forge(`{"name":"${'a'.repeat(100_000)}"}`)).code).toBe('link-too-large')
    expect(refusal(forge('{"sead":1}')).message).toMatch(/sead: is not a setting; did you mean seed\?/)
    expect(refusal(forge('{"seed":-1}')).message).toMatch(/seed: must be between/)
    expect(refusal(forge('{"version":99}')).message).toMatch(/newer Bunsen \(version 99\)/)
    expect(refusal(forge('[1]')).code).toBe('invalid-config')
    expect(refusal(forge('{"__proto__":{"seed":1}}')).code).toBe('invalid-config')
    expect(refusal(forge('{"seed":1e999}')).message).toMatch(/seed: must be a number, got Infinity/)
  })

  it('is refused in words when its values are nested deep or named like methods', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    const hostile = [
      `{"seed":${deep}}`,
      `{"task":${deep}}`,
      `{"version":${deep}}`,
      `{"model":{"kind":${deep}}}`,
      '{"task":{"toString":1}}',
      '{"model":{"kind":{"toString":1,"toJSON":2}}}',
    ]
    for (const json of hostile) expect(refusal(forge(json)).code).toBe('invalid-config')
  })

  it('never throws anything but a ConfigError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String(),
          fc.json().map((json) => forge(json)),
        ),
        (text) => {
          try {
            decodeConfig(schema, text)
          } catch (error) {
            expect(error).toBeInstanceOf(BunsenError)
          }
        },
      ),
    )
  })

  it('says so when a configuration is too large for a link', () => {
    const noise = Array.from({ length: 64 }, (_, i) => ({
      match: `${i}${Math.sin(i + 1)}${Math.cos(i + 1)}`.repeat(4),
      isFrozen: true,
    }))
    const config = parseRunConfig(schema, {
      stages: Array.from({ length: 8 }, () => ({
        components: noise.map((c, i) => ({ ...c, learningRateMultiplier: Math.abs(Math.sin(i)) })),
      })),
    })
    const stages = config.stages.map((stage, s) => ({
      ...stage,
      components: stage.components.map((c, i) => ({ ...c, match: `${Math.tan(s * 64 + i)}` })),
    }))
    expect(() => encodeConfig(schema, { ...config, stages })).toThrow(/at most 8192 characters/)
  })
})
