import type { DataKind } from '../core/catalog.ts'
import type { Prepared, TokenizerRecord } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import codeTable from './preparing/codeTable.ts'
import type { Content } from './preparing/content.ts'
import encodeText from './preparing/encodeText.ts'
import encodeTexts from './preparing/encodeTexts.ts'
import fitImages from './preparing/fitImages.ts'
import learnTextsTokenizer, { type ItemTexts } from './preparing/learnTextsTokenizer.ts'
import learnTokenizer from './preparing/learnTokenizer.ts'
import normaliseText from './preparing/normaliseText.ts'
import readCaptions from './preparing/readCaptions.ts'
import readRows from './preparing/readRows.ts'
import readTexts from './preparing/readTexts.ts'
import splitImages from './preparing/splitImages.ts'
import { requireSplit } from './splits/registry.ts'
import { sourceNode, stepNode, type GraphNode, type StepNode } from './steps/stepNode.ts'
import { tokenizers } from './tokenizers/registry.ts'
import { transforms } from './transforms/registry.ts'

export interface GraphRequest {
  readonly kind: DataKind
  readonly content: Content
  readonly contentSha256: string
  readonly data: DataConfig
  readonly seed: number
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

type Graph = (content: GraphNode<Content>, request: Pick<GraphRequest, 'data' | 'seed'>) => PreparedNode

const graphs: Readonly<Record<DataKind, Graph>> = {
  text(content, { data, seed }) {
    const split = splitOf(data, seed, 'text')
    const { text, tokenizer } = learnedText(content, { data, seed })
    return stepNode(encodeText, {
      config: { split: data.split },
      ...split,
      parts: { ...split.parts, ...tokenizerPart(data) },
      inputs: { content, text, tokenizer },
    })
  },

  images(content, { data, seed }) {
    const split = splitOf(data, seed, 'items')
    const pixels = stepNode(fitImages, { config: { images: data.images }, inputs: { content } })
    const captions = stepNode(readCaptions, { config: null, inputs: { content } })
    const { tokenizer, texts } = textsGraph(captions, { data, seed })
    return stepNode(splitImages, {
      config: { split: data.split },
      ...split,
      inputs: { content, pixels, tokenizer, texts },
    })
  },

  table(content, { data, seed }) {
    const split = splitOf(data, seed, 'items')
    const rows = stepNode(readRows, { config: null, inputs: { content } })
    const column = stepNode(readTexts, { config: { table: data.table }, inputs: { rows } })
    const { tokenizer, texts } = textsGraph(column, { data, seed })
    return stepNode(codeTable, {
      config: { split: data.split, table: data.table },
      ...split,
      inputs: { rows, tokenizer, texts },
    })
  },
}

/** The tokenizer of a text. */
export function tokenizerNode(request: Omit<GraphRequest, 'kind'>): StepNode<TokenizerRecord> {
  return learnedText(sourceNode(request.contentSha256, request.content), request).tokenizer
}

type Settings = Pick<GraphRequest, 'data' | 'seed'>

function learnedText(content: GraphNode<Content>, settings: Settings) {
  const { data } = settings
  const text = stepNode(normaliseText, {
    config: { transforms: data.transforms },
    parts: Object.fromEntries(
      data.transforms.map(({ kind }) => [`transform ${kind}`, transforms.get(kind).version]),
    ),
    inputs: { content },
  })
  const tokenizer = stepNode(learnTokenizer, {
    ...learning(settings, 'text'),
    inputs: { content, text },
  })
  return { text, tokenizer }
}

function textsGraph(texts: StepNode<ItemTexts | null>, settings: Settings) {
  const tokenizer = stepNode(learnTextsTokenizer, { ...learning(settings, 'items'), inputs: { texts } })
  const tokens = stepNode(encodeTexts, {
    config: null,
    parts: tokenizerPart(settings.data),
    inputs: { texts, tokenizer },
  })
  return { tokenizer, texts: tokens }
}

/** Only a tokenizer that learns from the training part alone is learned anew where that part changes. */
function learning({ data, seed }: Settings, of: 'text' | 'items') {
  const { tokenizer, split } = data
  const parts = tokenizerPart(data)
  if (tokenizers.get(tokenizer.kind).learnsFrom === 'all')
    return { config: { tokenizer, split: null }, parts }
  const splitting = splitOf(data, seed, of)
  return { config: { tokenizer, split }, ...splitting, parts: { ...splitting.parts, ...parts } }
}

function tokenizerPart({ tokenizer: { kind } }: DataConfig): Record<string, number> {
  return { [`tokenizer ${kind}`]: tokenizers.get(kind).version }
}

function splitOf({ split }: DataConfig, seed: number, of: 'text' | 'items') {
  const { version, usesSeed } = requireSplit(split, of)
  return { parts: { [`split ${split.kind}`]: version }, ...(usesSeed ? { seed } : {}) }
}
