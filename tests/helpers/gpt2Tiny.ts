import { readFileSync } from 'node:fs'
import type { RunConfig } from '../../src/core/runConfig.ts'
import type { NamedTensors } from '../../src/core/hostTensor.ts'
import { readSafetensors } from '../../src/core/safetensors/read.ts'
import type { Batch } from '../../src/engine/training/trainSession.ts'
import { engineConfig } from './engineConfig.ts'
import { tokenBatch } from './tokenBatch.ts'
import { goldenFolder, values, type GoldenTensor } from './goldens.ts'

export interface Gpt2Case {
  name: string
  config: {
    n_layer: number
    n_head: number
    n_embd: number
    n_positions: number
    vocab_size: number
    activation_function: string
  }
  inputs: { input_ids: GoldenTensor; targets: GoldenTensor }
  expected: {
    logits: GoldenTensor
    loss: number
    gradients: Record<string, GoldenTensor>
    adamw?: { loss_before_step: number[]; weights_after_5_steps: Record<string, GoldenTensor> }
    adamw_clipped?: { max_grad_norm: number; loss_before_step: number[]; grad_norm_before_clipping: number[] }
    greedy: { prompt: number[]; continuation: number[] }
  }
  tolerance: { logits_abs: number; loss_abs: number; gradients_abs: number; weights_abs: number }
}

/** The case's model, with the optimizer of its reference. */
export function gpt2Config({ config }: Gpt2Case, stage: Record<string, unknown> = {}): RunConfig {
  return engineConfig({
    model: {
      numLayers: config.n_layer,
      numHeads: config.n_head,
      embedDim: config.n_embd,
      seqLen: config.n_positions,
      activation: config.activation_function === 'gelu' ? 'gelu-exact' : 'gelu-tanh',
    },
    stage: {
      gradClipNorm: 0,
      optimizer: { kind: 'adamw', decayOn: 'matrices-and-embeddings' },
      ...stage,
    },
  })
}

export function gpt2Batch({ inputs: { input_ids, targets } }: Gpt2Case): Batch {
  return tokenBatch({
    ids: Int32Array.from(values(input_ids)),
    targets: Int32Array.from(values(targets)),
    batchSize: input_ids.shape[0]!,
  })
}

export function readGoldenTensors(file: string): NamedTensors {
  return readSafetensors(readFileSync(new URL(`gpt/${file}`, goldenFolder!))).tensors
}
