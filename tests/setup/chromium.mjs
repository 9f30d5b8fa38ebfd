import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const otherPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Flags that every browser test starts with: WebGPU on the software adapter, and nothing in the background. */
export const chromiumArgs = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** CHROME_PATH, else a Chromium or Chrome of the system, else the one that Playwright downloaded, else null. */
export async function findChromium(env = process.env) {
  const inPath = (env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
  const candidates = [env.CHROME_PATH ?? '', ...inPath, ...otherPlaces]
  return candidates.find(isBrowser) ?? (await findPlaywrightOwn())
}

/** Ubuntu's /usr/bin/chromium-browser may only tell people to install a snap, which cannot be driven here. */
function isBrowser(path) {
  return path !== '' && existsSync(path) && !realpathSync(path).includes('snap')
}

async function findPlaywrightOwn() {
  try {
    const { chromium } = await import('playwright')
    return existsSync(chromium.executablePath()) ? chromium.executablePath() : null
  } catch {
    return null
  }
}
