import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { realpathSync } from 'node:fs'
import { swiftShaderFolder, vulkanEnvironment } from '../../src/headless/vulkan.mjs'

const probe = `
const { create } = await import('webgpu')
const adapter = await create([]).requestAdapter()
if (adapter === null) process.exit(3)
process.stdout.write(adapter.info.description || adapter.info.device || adapter.info.vendor)
process.exit(0)
`

/**
 * Variables under which Dawn finds an adapter in Node, and its name: the system's driver where it works, else the
 * SwiftShader of `chromium` (a path or null). The name is null where neither does.
 */
export function findNodeAdapter(root, chromium) {
  const withBrowser = { ...process.env, ...(chromium !== null && { CHROME_PATH: chromium }) }
  const system = vulkanEnvironment(withBrowser)
  const candidates = [system, ...softwareEnvironments(withBrowser, chromium)]
  for (const env of candidates) {
    const name = nameOfAdapter(root, env)
    if (name !== null) return { env, name }
  }
  return { env: system, name: null }
}

/** The driver by its path, for systems whose own drivers are there but have no device. */
function softwareEnvironments(env, chromium) {
  const beside = chromium === null ? [] : [dirname(realpathSync(chromium))]
  return [swiftShaderFolder(env), ...beside]
    .filter((folder) => folder !== null)
    .map((folder) => ({
      XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? '/tmp',
      VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
      LD_LIBRARY_PATH: folder,
    }))
}

function nameOfAdapter(root, env) {
  const result = spawnSync(process.execPath, ['--input-type=module', '--eval', probe], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: 30_000,
  })
  return result.status === 0 ? result.stdout : null
}
