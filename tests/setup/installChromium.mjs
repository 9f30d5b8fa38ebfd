import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { findChromium } from './chromium.mjs'

/**
 * The path of a Chromium, installed where there is none: Debian's package for root, else Playwright's own download.
 * null where neither works; why stands on standard error.
 */
export async function ensureChromium(root, say) {
  const found = await findChromium()
  if (found !== null) return found
  const isRoot = process.getuid?.() === 0
  if (isRoot && hasCommand('apt-get')) {
    say("There is no Chromium: installing the system's package")
    run('apt-get', ['update'])
    run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'])
    const packaged = await findChromium()
    if (packaged !== null) return packaged
  }
  say("There is no Chromium: downloading Playwright's")
  const cli = join(root, 'node_modules', 'playwright', 'cli.js')
  if (isRoot) run(process.execPath, [cli, 'install', '--with-deps', 'chromium'])
  // Where Playwright does not know the system's packages, the libraries may be there all the same.
  if ((await findChromium()) === null) run(process.execPath, [cli, 'install', 'chromium'])
  return findChromium()
}

function hasCommand(name) {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined
}

function run(command, args) {
  spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
