import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hashPaths, readStamp, writeStamp } from './stamp.mjs'

/**
 * Installs the dependencies where they are missing or not those of the lockfile. `say` gets short lines of progress;
 * npm's own words go to standard error. Throws where there is nothing usable in the end.
 */
export function ensureInstalled(root, say) {
  const reason = whyStale(root)
  if (reason === null) return
  say(`Dependencies are ${reason}: installing them (npm ci)`)
  const modules = join(root, 'node_modules')
  const aside = join(root, '.cache', `node_modules-${process.pid}`)
  // npm ci empties the folder before it fetches: without a network nothing would be left.
  const hasOld = existsSync(modules)
  if (hasOld) {
    mkdirSync(join(root, '.cache'), { recursive: true })
    renameSync(modules, aside)
  }
  if (runNpm(root, 'ci') || retryWithInstall(root, say)) {
    writeStamp(stampPath(root), stampText(root))
    removeOld(root)
    return
  }
  if (hasOld) {
    rmSync(modules, { recursive: true, force: true })
    renameSync(aside, modules)
  }
  if (!hasOld || !isUsable(root)) {
    throw new Error('npm could not install the dependencies: see its message above. Is the network there?')
  }
  say('npm could not install (is the network there?): going on with the dependencies from before.')
}

/** Also what a run that was killed on its way left behind. */
function removeOld(root) {
  const cache = join(root, '.cache')
  if (!existsSync(cache)) return
  for (const name of readdirSync(cache)) {
    if (name.startsWith('node_modules-')) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

function retryWithInstall(root, say) {
  say('npm ci did not work: trying npm install, which puts up with a lockfile of another npm version')
  return runNpm(root, 'install')
}

/** null when what is installed is what the lockfile says. */
function whyStale(root) {
  if (!existsSync(join(root, 'node_modules'))) return 'missing'
  if (readStamp(stampPath(root)) === stampText(root)) return null
  if (!holdsLockfile(root)) return 'out of date'
  writeStamp(stampPath(root), stampText(root)) // installed by hand
  return null
}

function stampPath(root) {
  return join(root, 'node_modules', '.bunsen-install')
}

/** Native packages differ by platform, so that a folder that was copied from another machine is stale. */
function stampText(root) {
  return `${process.platform}-${process.arch} ${hashPaths(root, ['package-lock.json'])}\n`
}

/** Whether npm's own record of what it installed has every package of the lockfile that this platform needs. */
function holdsLockfile(root) {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      installed[path]?.version === entry.version ||
      ((entry.optional || entry.peer) && installed[path] === undefined && !fitsPlatform(entry)),
  )
}

function fitsPlatform(entry) {
  const fits = (list, value) => list === undefined || list.includes(value)
  return (
    entry.os !== undefined &&
    fits(entry.os, process.platform) &&
    fits(entry.cpu, process.arch) &&
    fitsLibc(entry)
  )
}

function fitsLibc(entry) {
  if (entry.libc === undefined || process.platform !== 'linux') return true
  const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined
  return entry.libc.includes(isGlibc ? 'glibc' : 'musl')
}

function isUsable(root) {
  const { dependencies, devDependencies } = readJson(join(root, 'package.json'))
  const names = Object.keys({ ...dependencies, ...devDependencies })
  return names.every((name) => existsSync(join(root, 'node_modules', name, 'package.json')))
}

function readPackages(path) {
  return readJson(path).packages ?? {}
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

/** Build tools are devDependencies, so NODE_ENV=production must not leave them out. */
function runNpm(root, verb) {
  const args = [verb, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: root, stdio: ['ignore', 2, 2] }
  const npm = process.env.npm_execpath
  const isNpm = npm !== undefined && /npm-cli\.c?js$/.test(npm)
  const result = isNpm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  return result.status === 0
}
