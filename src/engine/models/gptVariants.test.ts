import { expect, it } from 'vitest'
import { describeOnDevices } from '../../../tests/helpers/gpu.ts'
import { values, type GoldenTensor } from '../../../tests/helpers/goldens.ts'
import { expectClose } from '../../../tests/helpers/kernels.ts'
import {
  gradientsOf,
  int32,
  modelConfig,
  readModelGolden,
  readModelTensors,
  variablesOf,
} from '../../../tests/helpers/modelWeights.ts'
import type { ConfigValue } from '../../core/schema.ts'
import * as tf from '../backend/tfjs.ts'
import { crossEntropy } from '../kernels/crossEntropy/crossEntropy.ts'
import gpt from './gpt.ts'
import { fromHub, renamedInHub, toHub, type HubWeight } from './hubWeights.ts'
import { logitsOf, nextTokenSizes, plainPass } from './modelInputs.ts'

interface DecoderCase {
  name: string
  weights: string
  inputs: Record<'input_ids' | 'targets', GoldenTensor>
  expected: { logits: GoldenTensor; loss: number; gradients: Record<string, GoldenTensor> }
}

const { cases } = readModelGolden<{ cases: DecoderCase[] }>('decoders_tiny.json')
const [width, vocabSize] = [8, 11]
const shared = { numLayers: 2, embedDim: width, seqLen: 6, hasBias: false }

/** A matrix of ours from linear layers of theirs, whose widths follow their names. */
function layer(name: string, from: number, theirs: Record<string, number>): HubWeight {
  const to = Object.values(theirs).reduce((sum, part) => sum + part, 0)
  const hub = Object.entries(theirs).map(([part, columns]) => ({ name: part, shape: [columns, from] }))
  return { name, shape: [from, to], hub, layout: 'linear' }
}

function qwenBlock(i: number): HubWeight[] {
  const [ours, theirs] = [`transformer.h.${i}.`, `model.layers.${i}.`]
  const own = (part: string): string => `${theirs}self_attn.${part}.weight`
  return [
    renamedInHub(`${ours}ln_1.weight`, [width], `${theirs}input_layernorm.weight`),
    layer(`${ours}attn.c_attn.weight`, width, { [own('q_proj')]: 8, [own('k_proj')]: 4, [own('v_proj')]: 4 }),
    renamedInHub(`${ours}attn.q_norm.weight`, [4], own('q_norm')),
    renamedInHub(`${ours}attn.k_norm.weight`, [4], own('k_norm')),
    layer(`${ours}attn.c_proj.weight`, width, { [own('o_proj')]: width }),
    renamedInHub(`${ours}ln_2.weight`, [width], `${theirs}post_attention_layernorm.weight`),
    layer(`${ours}mlp.c_gate.weight`, width, { [`${theirs}mlp.gate_proj.weight`]: 12 }),
    layer(`${ours}mlp.c_fc.weight`, width, { [`${theirs}mlp.up_proj.weight`]: 12 }),
    layer(`${ours}mlp.c_proj.weight`, 12, { [`${theirs}mlp.down_proj.weight`]: width }),
  ]
}

function mptBlock(i: number): HubWeight[] {
  const [ours, theirs] = [`transformer.h.${i}.`, `transformer.blocks.${i}.`]
  return [
    renamedInHub(`${ours}ln_1.weight`, [width], `${theirs}norm_1.weight`),
    layer(`${ours}attn.c_attn.weight`, width, { [`${theirs}attn.Wqkv.weight`]: 24 }),
    layer(`${ours}attn.c_proj.weight`, width, { [`${theirs}attn.out_proj.weight`]: width }),
    renamedInHub(`${ours}ln_2.weight`, [width], `${theirs}norm_2.weight`),
    layer(`${ours}mlp.c_fc.weight`, width, { [`${theirs}ffn.up_proj.weight`]: 32 }),
    layer(`${ours}mlp.c_proj.weight`, 32, { [`${theirs}ffn.down_proj.weight`]: width }),
  ]
}

const variants: Record<string, { settings: Record<string, ConfigValue>; table: HubWeight[] }> = {
  qwen3: {
    settings: {
      ...shared,
      numHeads: 2,
      numKeyHeads: 1,
      mlpRatio: 1.5,
      positions: 'rotary',
      rotaryBase: 50,
      norm: 'rms-norm',
      activation: 'swiglu',
      hasHeadNorm: true,
      isHeadTied: false,
    },
    table: [
      renamedInHub('transformer.wte.weight', [vocabSize, width], 'model.embed_tokens.weight'),
      ...[0, 1].flatMap(qwenBlock),
      renamedInHub('transformer.ln_f.weight', [width], 'model.norm.weight'),
      renamedInHub('lm_head.weight', [vocabSize, width], 'lm_head.weight'),
    ],
  },
  mpt: {
    settings: { ...shared, numHeads: 4, positions: 'alibi', activation: 'gelu-exact' },
    table: [
      renamedInHub('transformer.wte.weight', [vocabSize, width], 'transformer.wte.weight'),
      ...[0, 1].flatMap(mptBlock),
      renamedInHub('transformer.ln_f.weight', [width], 'transformer.norm_f.weight'),
    ],
  },
}

await describeOnDevices('GPT as other decoders of Hugging Face’s', () => {
  it.each(cases.map((golden) => [golden.name, golden] as const))(
    '%s: logits and gradients',
    async (name, { weights: file, inputs, expected }) => {
      const { settings, table } = variants[name]!
      const config = modelConfig(gpt, settings)
      const specs = gpt.parameters(config, nextTokenSizes(vocabSize))
      const variables = variablesOf(specs, fromHub(table, readModelTensors(file)))
      const [batchSize, seqLen] = inputs.input_ids.shape as [number, number]
      const ids = tf.reshape<tf.Rank.R1>(int32(inputs.input_ids), [-1])
      const tokens = { ids, batchSize, seqLen, mask: null, onlyRow: null }
      const logits = (): tf.Tensor2D => logitsOf(gpt.forward(config, variables, { tokens }, plainPass))
      expectClose(await logits().data(), values(expected.logits), { rtol: 1e-5, atol: 3e-5 }, 'logits')
      const targets = tf.reshape<tf.Rank.R1>(int32(inputs.targets), [-1])
      const found = await gradientsOf(variables, () =>
        crossEntropy(logits(), targets, { labelSmoothing: 0, ignoreIndex: -1 }),
      )
      expectClose([found.loss], [expected.loss], { rtol: 1e-5, atol: 0 }, 'loss')
      const theirs = toHub(table, found.gradients)
      expect([...theirs.keys()].sort()).toEqual(Object.keys(expected.gradients).sort())
      for (const [weight, gradient] of Object.entries(expected.gradients)) {
        const actual = theirs.get(weight)!.data as Float32Array
        expectClose(actual, values(gradient), { rtol: 1e-4, atol: 5e-5 }, weight)
      }
      variables.forEach((variable) => variable.dispose())
    },
  )
})
