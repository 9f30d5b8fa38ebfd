import { canonicalJson } from '../core/canonicalJson.ts'
import type { DataKind } from '../core/catalog.ts'
import type { Coding } from '../core/prepared.ts'
import type { DataConfig } from '../core/runConfig.ts'
import { sha256Hex } from '../core/sha256.ts'
import { normalising, tokenizerPart, type PreparedNode } from './prepareGraph.ts'
import codeOtherImages from './preparing/codeOtherImages.ts'
import codeOtherRows from './preparing/codeOtherRows.ts'
import codeOtherText from './preparing/codeOtherText.ts'
import type { Content } from './preparing/content.ts'
import normaliseText from './preparing/normaliseText.ts'
import readRows from './preparing/readRows.ts'
import { sourceNode, stepNode } from './steps/stepNode.ts'

export interface OtherDataRequest {
  readonly kind: DataKind
  readonly content: Content
  readonly contentSha256: string
  /** How the data of the run are read. */
  readonly data: DataConfig
  /** What the model knows. */
  readonly coding: Coding
}

/**
 * All of another data set, as a model that was trained on some other one reads it: nothing is learned from it, and nothing
 * of it is kept back.
 */
export function otherDataGraph(request: OtherDataRequest): PreparedNode {
  const { kind, contentSha256, data, coding: known } = request
  const { images, table } = data
  const content = sourceNode(contentSha256, request.content)
  const coding = sourceNode(sha256Hex(new TextEncoder().encode(canonicalJson(known))), known)
  const parts = known.tokenizer === null ? {} : tokenizerPart(known.tokenizer.kind)
  switch (kind) {
    case 'text': {
      const text = stepNode(normaliseText, { ...normalising(data), inputs: { content } })
      return stepNode(codeOtherText, { config: null, parts, inputs: { content, text, coding } })
    }
    case 'images':
      return stepNode(codeOtherImages, { config: { images }, parts, inputs: { content, coding } })
    case 'table': {
      const rows = stepNode(readRows, { config: null, inputs: { content } })
      return stepNode(codeOtherRows, { config: { table }, parts, inputs: { rows, coding } })
    }
  }
}
