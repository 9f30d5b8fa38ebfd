import { defaultsOf } from '../core/schema.ts'
import type { LossSpec } from '../engine/losses/defineLoss.ts'
import type { InputKind } from '../engine/losses/lossInputs.ts'
import { fieldLines } from './configurationPage.ts'
import { knownElsewhere, type KnownElsewhere } from './knownElsewhere.ts'

/** What each kind of input is, as `engine/losses/lossInputs.ts` lists them. */
const inputs: Readonly<Record<InputKind, string>> = {
  classes: 'scores of classes and one class a row',
  softClasses: 'scores of classes and a distribution a row',
  binary: 'scores of yes-or-no questions and their answers',
  values: 'predicted numbers and true ones',
  ranked: 'two scores and which should be higher',
  sequences: 'scores of tokens and the right ones, sequence by sequence',
  preferences: 'log-probabilities of chosen and rejected answers, by the model and a reference',
  taught: 'scores of a student and of a teacher, with or without labels',
  pairs: 'two views or modalities of the same items',
  labelledPairs: 'pairs, and the class of each',
  judgedPairs: 'pairs, and whether they belong together',
  taughtPairs: 'pairs, and what a teacher makes of them',
  captionedPairs: 'pairs, and a caption of each',
  queries: 'queries with a key each, and negatives that they share',
  momentumPairs: 'queries, and what a momentum encoder makes of the same items',
  referencedPairs: 'pairs, and what a reference makes of the same items',
  prototypeScores: 'how well prototypes fit several views of items',
  labelled: 'vectors and one label each',
  multiLabelled: 'vectors and several labels each',
  embeddings: 'vectors alone',
  triplets: 'vectors, each with one like it and one unlike it',
  views: 'several views of items, by a student and a teacher',
}

/** Markdown that lists every loss with its formula, paper, inputs and settings. Made, never edited. */
export function lossesPage(losses: readonly LossSpec[]): string {
  const kinds = Object.keys(inputs) as InputKind[]
  const used = kinds.filter((kind) => losses.some(({ accepts }) => accepts === kind))
  const lines = [
    '# Losses',
    '',
    'Made by `npm run docs` from the registry of losses; do not edit. A loss accepts one kind of input; a task offers the',
    'losses of the kinds that it can give. Every one is held against PyTorch or a slow loop in float64, in value and gradient.',
    '',
    '| loss | id | good for | source |',
    '| --- | --- | --- | --- |',
    ...losses.map(
      ({ id, title, use, link }) =>
        `| ${cell(title)} | [\`${id}\`](#${id}) | ${cell(use)} | ${link === undefined ? '' : `[paper](${link})`} |`,
    ),
    '',
    ...used.flatMap((kind) => [
      `## Of ${inputs[kind]}`,
      '',
      ...losses.filter(({ accepts }) => accepts === kind).flatMap(lossLines),
    ]),
    '## Known elsewhere as',
    '',
    'The losses of the MultiModal Insight Engine, by their numbers in its catalogue, and what they are here: the published',
    'form where its code had another one. Settings that are not named are the defaults. Its measures are parts of a loss here',
    '(temperature, mean similarity of partners and of others, the share of the queue, terms, progress) or metrics of a',
    'validation (recall, accuracy): the best of a batch is not looked for in a step, as its similarities are never kept. A loss',
    'of which nothing is summed up (reduction `none`) cannot be trained with, and one positive at random is not offered.',
    '',
    '| number | there | here | otherwise |',
    '| --- | --- | --- | --- |',
    ...knownElsewhere.map(knownLine),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function lossLines({ id, title, summary, formula, use, link, fields, scalars, state }: LossSpec): string[] {
  const defaults = defaultsOf(fields)
  const kept = Object.keys(state(defaults, { width: 2, batchSize: 2 }))
  const learned = Object.keys(scalars(defaults))
  return [
    `### ${id}`,
    '',
    `**${title}.** ${summary}${link === undefined ? '' : ` ([source](${link}))`}`,
    '',
    '```text',
    formula,
    '```',
    '',
    `Good for: ${use}`,
    ...(learned.length === 0 ? [] : ['', `Learns: ${learned.map((name) => `\`${name}\``).join(', ')}.`]),
    ...(kept.length === 0
      ? []
      : ['', `Keeps from step to step: ${kept.map((name) => `\`${name}\``).join(', ')}.`]),
    '',
    ...fieldLines(fields, [id]),
  ]
}

function knownLine({ row, name, losses, note }: KnownElsewhere): string {
  const here = losses.map(({ name: id, params, weight }) => {
    const settings = Object.entries(params).map(
      ([setting, value]) => `\`${setting}: ${JSON.stringify(value)}\``,
    )
    return `${weight === 1 ? '' : `${weight} · `}[\`${id}\`](#${id})${settings.length === 0 ? '' : ` (${settings.join(', ')})`}`
  })
  return `| ${row} | ${cell(name)} | ${here.join(' + ')} | ${cell(note)} |`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
