import { requireNodeVersion } from './nodeVersion.mjs'

requireNodeVersion()

const { spawn } = await import('node:child_process')
const { dirname, join } = await import('node:path')
const { fileURLToPath } = await import('node:url')
const { ensureInstalled } = await import('./install.mjs')
const { ensureCommandLine } = await import('./build.mjs')
const { vulkanEnvironment } = await import('./vulkan.mjs')

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
// Standard output belongs to the command.
const say = (line) => process.stderr.write(`${line}\n`)

try {
  ensureInstalled(root, say)
  ensureCommandLine(root, say)
} catch (error) {
  say(error.message)
  process.exit(1)
}

/** npm runs scripts in the project's folder, but the paths of the arguments are meant from where the person was. */
function callerFolder() {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env
  return folder && (script === 'bunsen' || script === 'bench') ? folder : process.cwd()
}

// A process of its own, since the Vulkan loader reads its variables before any script runs.
const child = spawn(process.execPath, [join(root, 'dist-node', 'bunsen.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: callerFolder(),
  env: { ...process.env, ...vulkanEnvironment() },
})
// A Ctrl-C in a terminal reaches the child by itself; a signal sent to this process alone is handed on.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  say(error.message)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
