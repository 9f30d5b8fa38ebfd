import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { listFiles, nodesOf, projectFolder, readSources, type SourceFile } from './setup/sources.ts'

const isTest = (path: string) => /\.(test|suite|browser\.test)\.ts$/.test(path)
const sources = readSources()
const code = sources.filter(({ path }) => !isTest(path))

/** What each layer may import, besides itself. `app` is what stands directly in src. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engine: ['core'],
  data: ['core'],
  storage: ['core'],
  workers: ['engine', 'data', 'storage', 'core'],
  runs: ['core', 'storage'],
  ui: ['runs', 'core'],
  app: ['ui', 'runs', 'core'],
  headless: ['core', 'engine', 'data', 'storage', 'workers', 'runs'],
}

/** Packages that belong to one place, so that the page never loads tfjs and the engine never meets the DOM. */
const packagePlaces: readonly (readonly [RegExp, RegExp])[] = [
  [/^@tensorflow\//, /^src\/engine\/|^src\/headless\/versions\.ts$/],
  [/^(svelte|bits-ui|uplot|@internationalized\/date)$/, /^src\/(ui|runs|main\.ts|App\.svelte)/],
  [/^idb$/, /^src\/storage\//],
  [/^webgpu$/, /^src\/headless\//],
  [/^vite$/, /Plugin\.ts$/],
  [/^node:/, /^src\/headless\/|^src\/data\/datasets\//],
]

/** One idea has one name: see the glossary of the README. Maps of other frameworks' names carry `foreign-names`. */
const synonyms = new Set(
  [
    'lr',
    'bs',
    'wd',
    'nEmbd',
    'n_embd',
    'nEmbed',
    'hiddenSize',
    'hidden_size',
    'dModel',
    'd_model',
    'modelDim',
  ]
    .concat([
      'embeddingDim',
      'embeddingSize',
      'embed_dim',
      'nHead',
      'nHeads',
      'n_head',
      'nLayer',
      'nLayers',
      'n_layer',
    ])
    .concat([
      'contextLength',
      'sequenceLength',
      'maxSeqLen',
      'gradClip',
      'numSteps',
      'maxSteps',
      'dropoutProb',
    ]),
)

const domNames = new Set([
  'window',
  'document',
  'indexedDB',
  'localStorage',
  'sessionStorage',
  'fetch',
  'XMLHttpRequest',
])

/** Aims for the number of lines, and the files that are over for a reason. */
const aims = { ts: 400, svelte: 200, svelteScript: 60, test: 300, medianTs: 100 }
const overAim: Readonly<Record<string, string>> = {}

function layerOf(path: string): string {
  const [top, second = ''] = path.split('/')
  if (top === 'workers') return 'workers'
  if (top !== 'src') return 'outside'
  return second.includes('.') ? 'app' : second
}

function identifiers({ tree }: SourceFile): ts.Identifier[] {
  return [...nodesOf(tree)].filter(ts.isIdentifier)
}

/** An identifier that stands for a variable, not for a member or a key. */
function isVariable(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isQualifiedName(parent) || ts.isTypeReferenceNode(parent)) return false
  return !('name' in parent && parent.name === node)
}

function lineOf({ path, tree }: SourceFile, node: ts.Node): string {
  return `${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText()}`
}

it('imports only in the allowed directions', () => {
  const wrong = code.flatMap(({ path, imports }) => {
    const from = layerOf(path)
    return imports
      .filter(({ isFile }) => isFile)
      .filter(({ target, isTypeOnly }) => {
        const to = layerOf(target)
        const isProtocol = target === 'workers/protocol.ts' && isTypeOnly && from === 'runs'
        // `verify` and `bench` run what the tests are made of.
        const isShared = from === 'headless' && /^(package\.json$|tests\/(parity|bench)\/)/.test(target)
        return to !== from && !isProtocol && !isShared && !mayImport[from]?.includes(to)
      })
      .map(({ target }) => `${path} imports ${target}`)
  })
  expect(wrong).toEqual([])
})

it('keeps each library in its place', () => {
  const wrong = code.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, isFile, isTypeOnly }) => {
        const place = packagePlaces.find(([name]) => name.test(target))?.[1]
        return !isFile && !isTypeOnly && place !== undefined && !place.test(path)
      })
      .map(({ target }) => `${path} imports ${target}`),
  )
  expect(wrong).toEqual([])
})

it('has no cycles', () => {
  const edges = new Map(
    code.map(({ path, imports }) => [path, imports.filter((found) => found.isFile && !found.isTypeOnly)]),
  )
  const cycles: string[][] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path])
    if (trail.includes(path) || done.has(path)) return
    for (const { target } of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  // A form that holds forms is a component that holds itself; components are looked up when they are drawn.
  const isRecursion = (cycle: readonly string[]) => cycle.every((path) => path.endsWith('.svelte'))
  expect(cycles.filter((cycle) => !isRecursion(cycle))).toEqual([])
})

it('constructs workers in one place only', () => {
  const places = code.filter(({ script }) => /new (Shared)?Worker\(/.test(script)).map(({ path }) => path)
  expect(places.filter((path) => path !== 'src/runs/workerClient.ts')).toEqual([])
})

it('calls each idea by its one name', () => {
  const wrong = code
    .filter(({ text }) => !text.includes('foreign-names'))
    .flatMap((file) =>
      identifiers(file)
        .filter(({ text }) => synonyms.has(text))
        .map((node) => lineOf(file, node)),
    )
  expect(wrong).toEqual([])
})

it('has no names that say nothing', () => {
  const empty = /(Manager|Helper|Helpers|Utils|V2)$|^Base[A-Z]/
  const declared = code.flatMap((file) =>
    [...nodesOf(file.tree)]
      .filter(
        (node) =>
          ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node),
      )
      .filter(({ name }) => name !== undefined && empty.test(name.text))
      .map((node) => `${file.path}: ${node.name?.text}`),
  )
  const folders = sources
    .filter(({ path }) => /\/(utils|common|misc|helpers)\//.test(path))
    .map(({ path }) => path)
  expect([...declared, ...folders]).toEqual([])
})

it('keeps the page, storage, chance and the clock out of the engine', () => {
  const wrong = code
    .filter(({ path }) => layerOf(path) === 'engine')
    .flatMap((file) => [
      ...identifiers(file)
        .filter((node) => domNames.has(node.text) && isVariable(node) && !isDeclared(file, node.text))
        .map((node) => lineOf(file, node)),
      ...[...nodesOf(file.tree)]
        .filter((node) => ts.isPropertyAccessExpression(node) || ts.isCallExpression(node))
        .filter((node) =>
          /^(Math\.random|Date\.now|.*\.(dataSync|readSync)|.*nextFrame|requestAnimationFrame)$/.test(
            headOf(node),
          ),
        )
        .map((node) => lineOf(file, node)),
    ])
  expect(wrong).toEqual([])
})

/** Parameters and variables may be called `window`: a span of positions, say. */
function isDeclared(file: SourceFile, name: string): boolean {
  return identifiers(file).some(
    (node) =>
      node.text === name &&
      (ts.isParameter(node.parent) || ts.isVariableDeclaration(node.parent)) &&
      node.parent.name === node,
  )
}

function headOf(node: ts.PropertyAccessExpression | ts.CallExpression): string {
  return (ts.isCallExpression(node) ? node.expression : node).getText()
}

it('writes to the console in one place only, and runs no text as code', () => {
  const wrong = code.flatMap((file) =>
    [...nodesOf(file.tree)]
      .filter(
        (node) =>
          (ts.isPropertyAccessExpression(node) &&
            node.expression.getText() === 'console' &&
            file.path !== 'src/core/log.ts') ||
          (ts.isCallExpression(node) && node.expression.getText() === 'eval') ||
          (ts.isNewExpression(node) && node.expression.getText() === 'Function') ||
          (ts.isCallExpression(node) && node.expression.getText() === 'Function'),
      )
      .map((node) => lineOf(file, node)),
  )
  const markup = sources.filter(({ text }) => text.includes('{@html')).map(({ path }) => path)
  expect([...wrong, ...markup]).toEqual([])
})

it('explains every folder of src and of src/* in a short README', () => {
  const folders = new Set(
    sources
      .filter(({ path }) => path.startsWith('src/'))
      .flatMap(({ path }) => {
        const parts = path.split('/').slice(0, -1)
        return [2, 3].filter((depth) => parts.length >= depth).map((depth) => parts.slice(0, depth).join('/'))
      }),
  )
  const readmes = listFiles('src', ['README.md'])
  const missing = [...folders].filter((folder) => !readmes.includes(`${folder}/README.md`))
  expect(missing).toEqual([])
})

it('has at most five Markdown files at the root', () => {
  expect(readdirSync(projectFolder).filter((name) => name.endsWith('.md')).length).toBeLessThanOrEqual(5)
})

it('keeps files short, and writes their sizes to .cache/reports/sizes.txt', () => {
  const lines = (text: string) => text.trimEnd().split('\n').length
  const sizes = sources.map(({ path, text, script }) => ({ path, lines: lines(text), script: lines(script) }))
  const report = [...sizes].sort((a, b) => b.lines - a.lines).map((file) => `${file.lines}\t${file.path}`)
  mkdirSync(join(projectFolder, '.cache', 'reports'), { recursive: true })
  writeFileSync(join(projectFolder, '.cache', 'reports', 'sizes.txt'), `${report.join('\n')}\n`)

  const aimOf = (path: string) =>
    isTest(path) ? aims.test : path.endsWith('.svelte') ? aims.svelte : aims.ts
  const long = sizes.filter(
    (file) =>
      file.lines > aimOf(file.path) || (file.path.endsWith('.svelte') && file.script > aims.svelteScript),
  )
  expect(
    long.filter(({ path }) => overAim[path] === undefined).map((file) => `${file.lines} ${file.path}`),
  ).toEqual([])
  const modules = sizes.filter(({ path }) => path.endsWith('.ts') && !isTest(path)).map((file) => file.lines)
  const median = modules.sort((a, b) => a - b)[Math.floor(modules.length / 2)]!
  expect(median).toBeLessThanOrEqual(aims.medianTs)
})
