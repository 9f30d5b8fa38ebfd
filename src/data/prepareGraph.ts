import type { DataKind } from '../core/catalog.ts'
import type { Prepared, TokenizerRecord } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { missingTokenizer, namedTokenizer } from '../core/namedTokenizer.ts'
import codeTable from './preparing/codeTable.ts'
import type { Content } from './preparing/content.ts'
import encodeText from './preparing/encodeText.ts'
import encodeTexts from './preparing/encodeTexts.ts'
import fitImages from './preparing/fitImages.ts'
import learnTextsTokenizer, { type ItemTexts } from './preparing/learnTextsTokenizer.ts'
import learnTokenizer from './preparing/learnTokenizer.ts'
import normaliseText, { type NormalisedText } from './preparing/normaliseText.ts'
import readCaptions from './preparing/readCaptions.ts'
import readRows from './preparing/readRows.ts'
import readTexts from './preparing/readTexts.ts'
import readTokenizer, { type GivenTokenizer } from './preparing/readTokenizer.ts'
import splitImages from './preparing/splitImages.ts'
import { requireSplit } from './splits/registry.ts'
import { sourceNode, stepNode, type GraphNode, type StepNode } from './steps/stepNode.ts'
import { kindsOfFiles } from './tokenizerFile.ts'
import { tokenizers } from './tokenizers/registry.ts'
import { transforms } from './transforms/registry.ts'

export interface GraphRequest {
  readonly kind: DataKind
  readonly content: Content
  readonly contentSha256: string
  readonly data: DataConfig
  readonly seed: number
  /** Gives the file that `data.tokenizer` names; without it such data cannot be prepared. */
  readonly tokenizer?: GivenTokenizer | undefined
}

/** Prepared data but for their key, which is that of the node. */
export type PreparedNode = StepNode<Omit<Prepared, 'key'>>

/**
 * How content of each kind becomes arrays. What is not a setting of some step (the sampler, augmentations, all of the model and the training) changes
 * no key; the seed changes only those of splits that draw. Throws `split-kind`.
 */
export function prepareGraph(request: GraphRequest): PreparedNode {
  const content = sourceNode(request.contentSha256, request.content)
  return graphs[request.kind](content, request)
}

type Settings = Pick<GraphRequest, 'data' | 'seed' | 'tokenizer'>
type Graph = (content: GraphNode<Content>, settings: Settings) => PreparedNode

const graphs: Readonly<Record<DataKind, Graph>> = {
  text(content, settings) {
    const { data, seed } = settings
    const split = splitOf(data, seed, 'text')
    const { text, tokenizer } = textGraph(content, settings)
    return stepNode(encodeText, {
      config: { split: data.split },
      ...split,
      parts: { ...split.parts, ...tokenizerPart(data.tokenizer.kind) },
      inputs: { content, text, tokenizer },
    })
  },

  images(content, settings) {
    const { data, seed } = settings
    const split = splitOf(data, seed, 'items')
    const pixels = stepNode(fitImages, { config: { images: data.images }, inputs: { content } })
    const captions = stepNode(readCaptions, { config: null, inputs: { content } })
    const { tokenizer, texts } = textsGraph(captions, settings)
    return stepNode(splitImages, {
      config: { split: data.split },
      ...split,
      inputs: { content, pixels, tokenizer, texts },
    })
  },

  table(content, settings) {
    const { data, seed } = settings
    const split = splitOf(data, seed, 'items')
    const rows = stepNode(readRows, { config: null, inputs: { content } })
    const column = stepNode(readTexts, { config: { table: data.table }, inputs: { rows } })
    const { tokenizer, texts } = textsGraph(column, settings)
    return stepNode(codeTable, {
      config: { split: data.split, table: data.table },
      ...split,
      inputs: { rows, tokenizer, texts },
    })
  },
}

/** The tokenizer of a text. */
export function tokenizerNode(request: Omit<GraphRequest, 'kind'>): StepNode<TokenizerRecord> {
  return textGraph(sourceNode(request.contentSha256, request.content), request).tokenizer
}

function textGraph(content: GraphNode<Content>, settings: Settings) {
  const { data } = settings
  const text = stepNode(normaliseText, { ...normalising(data), inputs: { content } })
  const learned = () => stepNode(learnTokenizer, { ...learning(settings, 'text'), inputs: { content, text } })
  const tokenizer = (givenTokenizer(settings, text) as StepNode<TokenizerRecord> | null) ?? learned()
  return { text, tokenizer }
}

function textsGraph(texts: StepNode<ItemTexts | null>, settings: Settings) {
  const tokenizer =
    givenTokenizer(settings, texts) ??
    stepNode(learnTextsTokenizer, { ...learning(settings, 'items'), inputs: { texts } })
  const tokens = stepNode(encodeTexts, {
    config: null,
    parts: tokenizerPart(settings.data.tokenizer.kind),
    inputs: { texts, tokenizer },
  })
  return { tokenizer, texts: tokens }
}

/** The one of a file, where the settings name one: known by the hash of the file, whatever the texts are. */
function givenTokenizer(
  { data, tokenizer }: Settings,
  texts: StepNode<NormalisedText | ItemTexts | null>,
): StepNode<TokenizerRecord | null> | null {
  const named = namedTokenizer(data)
  if (named === null) return null
  const missing = () =>
    Promise.reject(
      missingTokenizer(named, { where: 'these settings need', remedy: 'Give the file with them.' }),
    )
  const file = sourceNode(named.sha256, tokenizer ?? { record: missing })
  return stepNode(readTokenizer, {
    config: null,
    parts: tokenizerPart(data.tokenizer.kind),
    inputs: { file, texts },
  })
}

/** Only a tokenizer that learns from the training part alone is learned anew where that part changes. */
function learning({ data, seed }: Settings, of: 'text' | 'items') {
  const { tokenizer, split } = data
  const parts = tokenizerPart(data.tokenizer.kind)
  if (tokenizers.get(tokenizer.kind).learnsFrom === 'all')
    return { config: { tokenizer, split: null }, parts }
  const splitting = splitOf(data, seed, of)
  return { config: { tokenizer, split }, ...splitting, parts: { ...splitting.parts, ...parts } }
}

/** How a text is normalised. */
export function normalising({ transforms: wanted }: DataConfig) {
  const parts = wanted.map(({ kind }) => [`transform ${kind}`, transforms.get(kind).version] as const)
  return { config: { transforms: wanted }, parts: Object.fromEntries(parts) }
}

export function tokenizerPart(kind: string): Record<string, number> {
  const kinds = kind === 'file' ? kindsOfFiles : [kind]
  return Object.fromEntries(kinds.map((name) => [`tokenizer ${name}`, tokenizers.get(name).version]))
}

function splitOf({ split }: DataConfig, seed: number, of: 'text' | 'items') {
  const { version, usesSeed } = requireSplit(split, of)
  return { parts: { [`split ${split.kind}`]: version }, ...(usesSeed ? { seed } : {}) }
}
