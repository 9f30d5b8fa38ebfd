import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export interface SourceFile {
  /** From the project's folder, with slashes: `src/core/rng.ts`. */
  path: string
  text: string
  /** Of a Svelte component, the script's part; else the whole. */
  script: string
  tree: ts.SourceFile
  imports: SourceImport[]
}

export interface SourceImport {
  /** Path from the project's folder for files, else the name of the package. */
  target: string
  isFile: boolean
  isTypeOnly: boolean
}

/** Files below a folder with one of the endings, sorted; folders that are built or installed are left out. */
export function listFiles(folder: string, endings: readonly string[]): string[] {
  const entries = readdirSync(join(projectFolder, folder), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(projectFolder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** All code of the app, with tests. */
export function readSources(): SourceFile[] {
  const paths = ['src', 'workers'].flatMap((folder) => listFiles(folder, ['.ts', '.svelte']))
  return paths.filter((path) => !path.endsWith('.d.ts')).map(readSource)
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(projectFolder, path), 'utf8')
  const script = path.endsWith('.svelte') ? scriptOf(text) : text
  const tree = ts.createSourceFile(path, script, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  return { path, text, script, tree, imports: [...importsOf(tree), ...globbedBy(path, tree)] }
}

function scriptOf(text: string): string {
  return [...text.matchAll(/<script[^>]*>\n?([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
}

/** Every node of a tree, depth first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node
  for (const child of node.getChildren()) yield* nodesOf(child)
}

function importsOf(tree: ts.SourceFile): SourceImport[] {
  const found: SourceImport[] = []
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier))
      found.push(resolve(tree.fileName, specifier.text, isTypeOnly))
  }
  for (const node of nodesOf(tree)) {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    }
  }
  return found
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = importClause.namedBindings
  if (importClause.name || !bindings || !ts.isNamedImports(bindings)) return false
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly)
}

function resolve(from: string, specifier: string, isTypeOnly: boolean): SourceImport {
  const bare = specifier.split('?')[0]!
  if (!bare.startsWith('.')) return { target: packageOf(bare), isFile: false, isTypeOnly }
  return { target: posix.normalize(posix.join(posix.dirname(from), bare)), isFile: true, isTypeOnly }
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}

/** What `import.meta.glob` brings in, so that a registry that its members import is seen as the cycle that it is. */
function globbedBy(path: string, tree: ts.SourceFile): SourceImport[] {
  const found: SourceImport[] = []
  for (const node of nodesOf(tree)) {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'import.meta.glob') continue
    const argument = node.arguments[0]!
    const patterns: readonly ts.Node[] = ts.isArrayLiteralExpression(argument)
      ? argument.elements
      : [argument]
    const texts = patterns.filter(ts.isStringLiteralLike).map((pattern) => pattern.text)
    for (const target of matching(posix.dirname(path), texts))
      found.push({ target, isFile: true, isTypeOnly: false })
  }
  return found
}

function matching(folder: string, patterns: readonly string[]): string[] {
  const toRegExp = (pattern: string) => {
    const full = posix.normalize(posix.join(folder, pattern.replace(/^!/, '')))
    const source = full.split('*').map((part) => part.replace(/[.+^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${source.join('[^/]*')}$`)
  }
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(toRegExp)
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map(toRegExp)
  return listFiles('src', ['.ts']).filter(
    (path) => wanted.some((pattern) => pattern.test(path)) && !unwanted.some((pattern) => pattern.test(path)),
  )
}
