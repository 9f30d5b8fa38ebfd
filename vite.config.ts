import { svelte } from '@sveltejs/vite-plugin-svelte'
import { playwright } from '@vitest/browser-playwright'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { OutputBundle, OutputChunk } from 'rolldown'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { bundledData } from './src/data/datasets/bundledDataPlugin.ts'
import { hashPaths, sourcePaths } from './src/headless/stamp.mjs'
import { chromiumArgs, findChromium } from './tests/setup/chromium.mjs'

const root = import.meta.dirname

/** Most that the page's own JavaScript may weigh, gzipped, before a worker loads. */
const pageLimitBytes = 150_000

/** `0.1.0+<commit>.<hash of the sources>`; without the commit where there is no repository. */
function codeVersion(): string {
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string }
  const commit = existsSync(`${root}/.git`) ? readCommit() : ''
  const content = hashPaths(root, sourcePaths).slice(0, 8)
  return `${version}+${commit === '' ? '' : `${commit}.`}${content}`
}

function readCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=9', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return '' // no git, or no commit yet
  }
}

/** Prints the gzipped size of what the page loads before any worker, and fails over the limit. */
function pageSize(): Plugin {
  return {
    name: 'bunsen:page-size',
    apply: (config, { command }) => command === 'build' && !config.build?.ssr,
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const chunks = pageChunks(bundle)
        const sizeBytes = chunks.reduce((sum, chunk) => sum + gzipSync(chunk.code, { level: 9 }).length, 0)
        const text = `page JavaScript before workers: ${(sizeBytes / 1000).toFixed(1)} kB gzipped in ${chunks.length} files, at most ${pageLimitBytes / 1000} kB`
        if (sizeBytes > pageLimitBytes) this.error(text)
        this.environment.logger.info(text)
      },
    },
  }
}

/** The entry and all that it imports statically. */
function pageChunks(bundle: OutputBundle): OutputChunk[] {
  const found = new Set<OutputChunk>()
  const visit = (name: string): void => {
    const chunk = bundle[name]
    if (chunk?.type !== 'chunk' || found.has(chunk)) return
    found.add(chunk)
    chunk.imports.forEach(visit)
  }
  for (const [name, chunk] of Object.entries(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) visit(name)
  return [...found]
}

/**
 * Copies of index.html where hosts without rewriting look for the page's own addresses: `runs/index.html` for /runs,
 * and `404.html` for what has an id in it.
 */
function deepLinks(): Plugin {
  return {
    name: 'bunsen:deep-links',
    apply: (config, { command }) => command === 'build' && !config.build?.ssr,
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html']
        if (page?.type !== 'asset') return
        for (const name of ['404', 'data/index', 'runs/index', 'compare/index', 'models/index']) {
          this.emitFile({ type: 'asset', fileName: `${name}.html`, source: page.source })
        }
      },
    },
  }
}

/** Lets the built page run its own scripts and talk to its own host only: what a file or a link holds is never run. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'bunsen:content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const inline = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
          ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
        )
        const policy = [
          "default-src 'self'",
          `script-src 'self' ${inline.join(' ')}`,
          "style-src 'self' 'unsafe-inline'",
          "img-src 'self' data: blob:",
          "connect-src 'self' data: blob:",
          "worker-src 'self' blob:",
          "object-src 'none'",
          "base-uri 'self'",
          "form-action 'none'",
        ].join('; ')
        const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}" />`
        return html.replace(/(<meta charset[^>]*>)/, `$1\n    ${meta}`)
      },
    },
  }
}

/**
 * tfjs-core's entry for Node is one CommonJS file, while its gradients are ES modules that bring a second registry: in
 * Node, too, only its ES modules may be used.
 */
const esModulesOnly = [/^@tensorflow\//, /@tensorflow[\\/]/]

/** Vitest looks at `main` only, which is the CommonJS file. */
function tfjsModules(): Plugin {
  return {
    name: 'bunsen:tfjs-modules',
    config: {
      order: 'post',
      handler(config) {
        const resolve = ((config.environments ??= {}).ssr ??= {}).resolve ?? {}
        resolve.mainFields = ['module', 'jsnext:main', 'jsnext']
        config.environments.ssr.resolve = resolve
      },
    },
  }
}

const tfjsEntries = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-core/dist/register_all_gradients.js',
  '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-webgpu',
]

/** All that may be imported where there is a page. */
function browserPackages(): string[] {
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
    dependencies: Record<string, string>
  }
  // Dawn runs in Node alone, and the hashes have no entry of their own.
  const entries = Object.keys(dependencies).filter((name) => name !== 'webgpu' && name !== '@noble/hashes')
  return [...new Set([...entries, ...tfjsEntries, '@noble/hashes/sha2.js', '@noble/hashes/utils.js'])]
}

/** How long plugins take is of no use to somebody who starts the app. */
const checks = { pluginTimings: false }

const pageBuild = {
  target: 'es2022',
  sourcemap: true,
  copyPublicDir: true,
  reportCompressedSize: false,
  rolldownOptions: { checks },
}

/** One file, so that it can be replaced while a command runs. */
const commandLineBuild = {
  target: 'node20',
  copyPublicDir: false,
  sourcemap: false,
  minify: false,
  rolldownOptions: { checks, output: { entryFileNames: 'bunsen.js', codeSplitting: false } },
}

const browserPath = await findChromium()

/** Tests that run in Node. */
function unitProject(name: string, include: string[], exclude: string[]) {
  return {
    extends: true as const,
    plugins: [tfjsModules()],
    test: {
      name,
      include: include.map((pattern) => `{src,workers,tests}/${pattern}`),
      exclude: ['**/*.browser.test.ts', ...exclude],
      environment: 'node' as const,
      // What a test computes is what the code of now computes.
      env: { BUNSEN_CACHE_MB: '0' },
      setupFiles: ['tests/setup/shaderCompiler.ts'],
      // Two cores, and software GPUs use all they get.
      maxWorkers: 2,
      // A slow machine compiles the shaders of a kernel's test for half a minute.
      testTimeout: 90_000,
      hookTimeout: 60_000,
      server: { deps: { inline: esModulesOnly } },
      deps: { optimizer: { ssr: { enabled: true, include: tfjsEntries } } },
    },
  }
}

/** The page, built and served, in Chromium. */
function pageProject(name: string, include: string[], exclude: string[], testTimeout: number) {
  return {
    extends: true as const,
    test: {
      name,
      include,
      exclude,
      environment: 'node' as const,
      fileParallelism: false,
      testTimeout,
      hookTimeout: 120_000,
      globalSetup: ['tests/setup/servedBuild.ts'],
    },
  }
}

/** Tests that run inside Chromium. */
function browserProject(name: string, include: string[]) {
  return {
    extends: true as const,
    // A package found only while a test runs makes Vite reload the page in the middle of it, and that test fails.
    optimizeDeps: { include: browserPackages() },
    test: {
      name,
      include,
      // Recordings are the engine's, and the same in every browser.
      exclude: ['**/*Recorded{,.slow}.test.ts'],
      fileParallelism: false,
      testTimeout: 60_000,
      hookTimeout: 60_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: { ...(browserPath && { executablePath: browserPath }), args: [...chromiumArgs] },
        }),
        instances: [{ browser: 'chromium' as const }],
      },
    },
  }
}

export default defineConfig(({ isSsrBuild }) => ({
  root,
  base: './',
  plugins: [svelte(), bundledData(), contentSecurityPolicy(), deepLinks(), pageSize()],
  worker: { format: 'es' as const, plugins: () => [bundledData()], rolldownOptions: { checks } },
  define: { __CODE_VERSION__: JSON.stringify(codeVersion()) },
  build: isSsrBuild ? commandLineBuild : pageBuild,
  ssr: { noExternal: esModulesOnly },
  test: {
    reporters: ['default'],
    projects: [
      unitProject('unit', ['**/*.test.ts'], ['**/*.slow.test.ts']),
      unitProject('unit-slow', ['**/*.slow.test.ts'], []),
      {
        extends: true as const,
        plugins: [tfjsModules()],
        test: {
          name: 'nightly',
          include: ['tests/nightly/**/*.nightly.ts'],
          environment: 'node',
          setupFiles: ['tests/setup/shaderCompiler.ts'],
          testTimeout: 600_000,
          server: { deps: { inline: esModulesOnly } },
          deps: { optimizer: { ssr: { enabled: true, include: tfjsEntries } } },
        },
      },
      // The self-test of the e2e tests holds each kernel in the browser against the CPU; their own tests take minutes there.
      browserProject('browser', ['{src,workers,tests}/**/*.browser.test.ts']),
      browserProject('nightly-browser', ['src/engine/kernels/*/*.test.ts']),
      pageProject('e2e', ['tests/e2e/**/*.e2e.ts'], ['**/*.slow.e2e.ts'], 600_000),
      pageProject('e2e-slow', ['tests/e2e/**/*.slow.e2e.ts'], [], 600_000),
      pageProject('nightly-page', ['tests/nightly/**/*.page.ts'], [], 600_000),
      pageProject('screenshot', ['tests/screenshot.ts'], [], 600_000),
    ],
  },
}))
