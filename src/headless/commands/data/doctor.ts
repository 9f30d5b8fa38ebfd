import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError, DataError } from '../../../core/errors.ts'
import { reportLines as stepLines } from '../../../core/stepWords.ts'
import { examine } from '../../../data/doctor/examine.ts'
import { reportLines } from '../../../data/doctor/report.ts'
import { reportPage } from '../../../data/doctor/reportPage.ts'
import { parseRules, type Rules } from '../../../data/doctor/rules.ts'
import { contentOf } from '../../../data/preparing/content.ts'
import { StepRunner } from '../../../data/steps/stepRunner.ts'
import { parseCommandLine } from '../../args.ts'
import { defineCommand, exitCodes } from '../../command.ts'
import { cacheFlag, readFiles, readingFlags, readingOf, readingUsage } from '../../loadData.ts'
import { readWholeFile } from '../../readWholeFile.ts'
import { cacheBudget, openStepFolder } from '../../stepFolder.ts'
import { checkEnding, fixedSet, fixesOf } from './fixedSet.ts'

/** What is wrong with a data set, in words, as JSON and as a page; and its next version without that. */
export default defineCommand({
  name: 'doctor',
  summary: 'says what is wrong with a data set and what to do about it, and mends it',
  usage: [
    'doctor FILE… [--labels COLUMN] [--rules RULES.json] [--seed N] [--json] [--html OUT.html] [--fix OUT [--drop CHECKS] [--relabel SURE]] [--cache MB]',
    'FILE is what --data of train takes: tables, texts, pictures, folders and archives of them.',
    '--labels  the column with the class of each row; found by itself where one is called as classes are',
    '--rules   what must hold of columns: {"columns": {"age": {"min": 0, "max": 120, "notMissing": true},',
    '          "kind": {"values": ["a", "b"]}, "id": {"unique": true}, "note": {"required": false}}}',
    ...readingUsage,
    '--seed    of the folds and of what is sampled; 0',
    '--json    one JSON object: {name, kind, count, labels, checks, findings, bySeverity}',
    '--html    the same as a page that stands by itself, with the items; personal data in them is masked',
    '--fix     writes the next version: a table as CSV, a text as text, pictures as .safetensors, each of which is read again',
    '--drop    checks whose items are left out, parted by commas; duplicates where neither this nor --relabel is given',
    '--relabel takes suggested labels of which the check is at least so sure, from 0 to 1',
    '--cache   megabytes that what was found may take for the next time; BUNSEN_CACHE_MB, else 2000',
    'Exit code 0 whether something was found or not, 2 when the files or rules could not be read.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: {
        ...readingFlags,
        labels: { type: 'text' },
        rules: { type: 'path' },
        seed: { type: 'int', min: 0, max: 2 ** 32 - 1 },
        json: { type: 'bool' },
        html: { type: 'path' },
        fix: { type: 'path' },
        drop: { type: 'text' },
        relabel: { type: 'number', min: 0, max: 1 },
        ...cacheFlag,
      },
      minWords: 1,
      maxWords: Infinity,
    })
    const fixes = fixesOf(flags)
    for (const out of [flags.html, flags.fix])
      if (out !== null && words.some((word) => resolve(word) === resolve(out))) throw overwrites(out)
    const rules = flags.rules === null ? null : readRules(flags.rules)
    const { kind, bytes, sha256, source, notices } = await readFiles(words, readingOf(flags))
    if (flags.fix !== null) checkEnding(kind, flags.fix)
    for (const notice of notices) io.note(notice)
    const runner = new StepRunner(openStepFolder({ budgetBytes: cacheBudget(flags.cache) }))
    let told = ''
    const { diagnosis, reports } = await examine(runner, {
      name: source.kind === 'stored' ? source.name : source.id,
      kind,
      content: contentOf(async function* () {
        yield bytes
      }, bytes.length),
      contentSha256: sha256,
      labels: flags.labels,
      rules,
      seed: flags.seed ?? 0,
      onProgress({ title }) {
        if (title !== told) io.note(`looking: ${title}`)
        told = title
      },
    })
    io.note(stepLines(reports)[0]!)
    if (flags.json) io.print(JSON.stringify(diagnosis))
    else for (const line of reportLines(diagnosis)) io.print(line)
    if (flags.html !== null) write(flags.html, reportPage(diagnosis, { kind, sha256, bytes }))
    if (flags.fix !== null) {
      const { content, words: done } = fixedSet(diagnosis, { kind, bytes, fixes })
      if (content !== null) write(flags.fix, content)
      io.note(`${flags.fix}: ${done}`)
    }
    return exitCodes.done
  },
})

function readRules(path: string): Rules {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readWholeFile(path))
  } catch (error) {
    throw new DataError(
      `Rules: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        code: 'file-not-found',
        remedy: 'Check the path after --rules.',
      },
    )
  }
  return parseRules(text)
}

function write(path: string, content: Uint8Array | string): void {
  try {
    writeFileSync(path, content)
  } catch (error) {
    throw new DataError(
      `Data: ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      {
        code: 'unwritable',
        remedy: 'Name a file in a folder that is there.',
      },
    )
  }
}

function overwrites(path: string): ConfigError {
  return new ConfigError(`command line: ${path} is what is read, and would be written over`, {
    code: 'bad-arguments',
    remedy: 'Name another file.',
  })
}
