import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/**
 * Variables that let Dawn find a Vulkan driver: none where the system has one, else those that point to SwiftShader, the
 * software driver inside Chromium. The loader reads them when a process starts, so they must be set before.
 */
export function vulkanEnvironment(env = process.env) {
  if (process.platform !== 'linux') return {}
  // lavapipe asks for the folder of the window system, even without windows.
  const runtime = env.XDG_RUNTIME_DIR ? {} : { XDG_RUNTIME_DIR: tmpdir() }
  if (env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES || hasSystemDriver(env)) return runtime
  const folder = swiftShaderFolder(env)
  if (folder === null) return runtime
  return {
    ...runtime,
    VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: [folder, env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  }
}

/** A loader with a software driver, or with one for hardware that is there. */
function hasSystemDriver(env) {
  const dataFolders = (env.XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(':')
  const folders = [...dataFolders, '/etc', '/usr/local/etc', join(homedir(), '.local', 'share')]
  const drivers = folders.flatMap((folder) => list(join(folder, 'vulkan', 'icd.d')))
  if (!hasLoader() || drivers.length === 0) return false
  if (drivers.some((name) => /lvp|swiftshader/.test(name))) return true
  const hasRenderNode = list('/dev/dri').some((name) => name.startsWith('renderD'))
  return hasRenderNode || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg')
}

function hasLoader() {
  const folders = ['/usr/lib64', '/usr/lib', '/lib', '/usr/local/lib']
  const multiarch = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch]
  if (multiarch !== undefined) folders.push(`/usr/lib/${multiarch}`)
  return folders.some((folder) => existsSync(join(folder, 'libvulkan.so.1')))
}

/** Folder of a Chromium that has both SwiftShader and a Vulkan loader, or null. */
export function swiftShaderFolder(env = process.env) {
  const browsers = env.PLAYWRIGHT_BROWSERS_PATH || join(homedir(), '.cache', 'ms-playwright')
  const folders = [
    ...(env.CHROME_PATH && existsSync(env.CHROME_PATH) ? [dirname(realpathSync(env.CHROME_PATH))] : []),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
    ...list(browsers)
      .filter((name) => name.startsWith('chromium'))
      .flatMap((name) => list(join(browsers, name)).map((inner) => join(browsers, name, inner))),
  ]
  const isComplete = (folder) =>
    existsSync(join(folder, 'vk_swiftshader_icd.json')) && existsSync(join(folder, 'libvulkan.so.1'))
  return folders.find(isComplete) ?? null
}

function list(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
