import { requireNodeVersion } from '../src/headless/nodeVersion.mjs'

requireNodeVersion()

const { spawn } = await import('node:child_process')
const { readFileSync, rmSync } = await import('node:fs')
const { dirname, join } = await import('node:path')
const { fileURLToPath } = await import('node:url')
const { parseArgs } = await import('node:util')
const { ensureInstalled } = await import('../src/headless/install.mjs')
const { ensurePage } = await import('../src/headless/build.mjs')

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const say = (line) => process.stdout.write(`${line}\n`)
const bin = (name, path) => join(root, 'node_modules', name, path)

/** A step that hangs ends as failed, so that the last line is printed in any case. */
const stepLimitMs = 40 * 60_000

/**
 * Each command of a step is one Node script; the step counts as one test, unless it is a project of Vitest. Slow steps need
 * `--all`, as CI gives it; extra ones are asked for by name.
 */
const steps = {
  types: {
    commands: [
      [bin('typescript', 'bin/tsc'), '--noEmit'],
      [bin('svelte-check', 'bin/svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
    ],
  },
  lint: {
    commands: [
      [bin('eslint', 'bin/eslint.js'), '.', '--max-warnings', '0'],
      [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    ],
  },
  unit: { project: 'unit' },
  'unit-slow': { project: 'unit-slow', isSlow: true },
  build: { commands: [[join(root, 'src/headless/buildPage.mjs')]] },
  browser: { project: 'browser', needsBrowser: true },
  e2e: { project: 'e2e', needsBrowser: true, needsPage: true },
  'e2e-slow': { project: 'e2e-slow', needsBrowser: true, needsPage: true, isSlow: true },
  nightly: { project: 'nightly', isExtra: true },
  'nightly-browser': { project: 'nightly-browser', needsBrowser: true, isExtra: true },
  'nightly-page': { project: 'nightly-page', needsBrowser: true, needsPage: true, isExtra: true },
  screenshot: { project: 'screenshot', needsBrowser: true, needsPage: true, isExtra: true },
}
const totals = { passed: 0, failed: 0, skipped: 0 }
/** Names of steps. */
const failures = []
const failedTests = []
const skips = []

function readOptions() {
  const options = { only: { type: 'string' }, all: { type: 'boolean', default: false } }
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const isUsual = ({ isExtra, isSlow }) => !isExtra && (values.all || !isSlow)
  const chosen = values.only?.split(',') ?? Object.keys(steps).filter((name) => isUsual(steps[name]))
  const unknown = chosen.find((name) => !Object.hasOwn(steps, name))
  if (unknown !== undefined)
    throw new Error(`--only: knows ${Object.keys(steps).join(', ')}; got "${unknown}"`)
  return { chosen, filters: positionals }
}

/** Runs a Node script; resolves to whether it ended well. Its output is shown at once, or kept for later. */
function runNode(args, env, isKept) {
  return new Promise((resolve) => {
    const output = []
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', isKept ? 'pipe' : 1, isKept ? 'pipe' : 2],
    })
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))
    const timer = setTimeout(() => child.kill('SIGKILL'), stepLimitMs)
    child.on('error', () => resolve({ isOk: false, output: '' }))
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ isOk: code === 0, output: Buffer.concat(output).toString() })
    })
  })
}

function add(name, { passed, failed, skipped }, startedAt) {
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
  if (failed > 0) failures.push(name)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  say(
    `— ${name}: ${failed > 0 ? 'FAILED' : 'ok'}, ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`,
  )
}

/** Types and lint need no GPU, so they share the cores; what they say is shown in one piece. */
async function runCommands(name, env, isKept) {
  const startedAt = performance.now()
  let isOk = true
  for (const command of steps[name].commands) {
    const result = await runNode(command, env, isKept)
    if (result.output.trim() !== '') say(result.output.trimEnd())
    isOk &&= result.isOk
  }
  add(name, { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skipped: 0 }, startedAt)
}

async function runVitest(name, env, filters) {
  const startedAt = performance.now()
  const report = join(root, '.cache', 'reports', `${name}.json`)
  rmSync(report, { force: true })
  const { isOk } = await runNode(
    [
      bin('vitest', 'vitest.mjs'),
      'run',
      '--project',
      steps[name].project,
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=./tests/setup/countReporter.ts',
      ...filters,
    ],
    { ...env, BUNSEN_REPORT: report },
    false,
  )
  const counts = readReport(report)
  if (counts === null || (!isOk && counts.failed === 0)) {
    add(name, { ...(counts ?? { passed: 0, skipped: 0 }), failed: 1 }, startedAt)
    return
  }
  skips.push(...counts.skips)
  failedTests.push(...counts.failures)
  add(name, counts, startedAt)
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

async function setUp(chosen) {
  ensureInstalled(root, say)
  const { ensureChromium } = await import('./setup/installChromium.mjs')
  const { findNodeAdapter } = await import('./setup/nodeAdapter.mjs')
  const needsBrowser = chosen.some((name) => steps[name].needsBrowser)
  const chromium = needsBrowser ? await ensureChromium(root, say) : null
  const adapter = findNodeAdapter(root, chromium)
  if (needsBrowser) say(`Browser: ${chromium ?? 'none, and none could be installed'}`)
  say(`WebGPU in Node: ${adapter.name ?? 'no adapter; its tests are skipped'}`)
  return { chromium, env: { ...adapter.env, ...(chromium !== null && { CHROME_PATH: chromium }) } }
}

async function runStep(name, { chromium, env }, filters) {
  const { needsBrowser, needsPage, project } = steps[name]
  const startedAt = performance.now()
  say(`— ${name}`)
  try {
    if (needsBrowser && chromium === null)
      throw new Error('there is no Chromium: install one, or set CHROME_PATH')
    if (needsPage && failures.includes('build')) throw new Error('there is no build to test')
    if (needsPage) ensurePage(root, say)
  } catch (error) {
    say(error.message)
    add(name, { passed: 0, failed: 1, skipped: 0 }, startedAt)
    return
  }
  if (project !== undefined) await runVitest(name, env, filters)
  else await runCommands(name, env, false)
}

async function runAll() {
  const { chosen, filters } = readOptions()
  const setting = await setUp(chosen)
  const quiet = ['types', 'lint'].filter((name) => chosen.includes(name))
  if (quiet.length > 0) say(`— ${quiet.join(', ')}`)
  await Promise.all(quiet.map((name) => runCommands(name, setting.env, true)))
  for (const name of Object.keys(steps)) {
    if (chosen.includes(name) && !quiet.includes(name)) await runStep(name, setting, filters)
  }
}

try {
  await runAll()
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  totals.failed += 1
}
if (skips.length > 0) say(`Skipped:\n${skips.map((skip) => `  ${skip}`).join('\n')}`)
if (failedTests.length > 0) say(`Failed tests:\n${failedTests.map((test) => `  ${test}`).join('\n')}`)
if (failures.length > 0) say(`Failed: ${failures.join(', ')}`)
say(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = totals.failed > 0 ? 1 : 0
