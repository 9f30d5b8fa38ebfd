import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { swiftShaderFolder, vulkanEnvironment } from './vulkan.mjs'

/** A folder as Chromium's, under `CHROME_PATH`. */
function fakeChromium(names: readonly string[]): { folder: string; env: Record<string, string> } {
  const folder = mkdtempSync(join(tmpdir(), 'bunsen-chromium-'))
  for (const name of ['chrome', ...names]) writeFileSync(join(folder, name), '')
  return { folder, env: { CHROME_PATH: join(folder, 'chrome'), PLAYWRIGHT_BROWSERS_PATH: folder } }
}

describe.runIf(process.platform === 'linux')('on Linux', () => {
  it('leaves a choice that was made alone', () => {
    expect(vulkanEnvironment({ VK_ICD_FILENAMES: '/x.json', XDG_RUNTIME_DIR: '/run' })).toEqual({})
    expect(vulkanEnvironment({ VK_DRIVER_FILES: '/x.json', XDG_RUNTIME_DIR: '/run' })).toEqual({})
  })

  it('always names a runtime folder', () => {
    expect(vulkanEnvironment({ VK_ICD_FILENAMES: '/x.json' })).toEqual({ XDG_RUNTIME_DIR: tmpdir() })
  })

  it('finds the software driver beside the browser, where it is complete', () => {
    const whole = fakeChromium(['vk_swiftshader_icd.json', 'libvulkan.so.1'])
    expect(swiftShaderFolder(whole.env)).toBe(whole.folder)
    const half = fakeChromium(['vk_swiftshader_icd.json'])
    expect(swiftShaderFolder(half.env)).not.toBe(half.folder)
  })
})
