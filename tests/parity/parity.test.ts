import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { EngineDevice } from '../../src/engine/backend/createDevice.ts'
import { describeOnDevices } from '../helpers/gpu.ts'
import { nodeGoldenSource } from './nodeGoldenSource.ts'
import { verifyFiles, type CaseResult, type Summary } from './verify.ts'

const ownFolder = fileURLToPath(new URL('../fixtures/goldens/', import.meta.url))
const sharedFolder = fileURLToPath(new URL('../../../shared/goldens/', import.meta.url))
const ownFiles = readdirSync(ownFolder).filter((name) => name.endsWith('.json'))

/** Files of the larger set in which the engine covers every case. */
const coveredFiles = [
  'dataquality/k3_clean.json',
  'dataquality/k3_n300_noise10.json',
  'dataquality/k3_n300_noise20.json',
  'dataquality/k4_imbalanced_noise10.json',
  'dataquality/k5_n400_noise05.json',
  'gpt/gpt2_tiny.json',
  'optim/adafactor_paper.json',
  'optim/adafactor_torch.json',
  'optim/adamw.json',
  'optim/clip_grad_norm.json',
  'optim/lion.json',
  'optim/lr_schedules.json',
  'optim/muon.json',
  'optim/newton_schulz.json',
  'optim/rmsprop_adagrad.json',
  'optim/sgd.json',
  'safetensors/manifest.json',
  'layers/activations.json',
  'layers/alibi.json',
  'layers/causal_attention.json',
  'layers/cross_attention.json',
  'layers/embedding.json',
  'layers/gpt_block.json',
  'layers/grouped_query_attention.json',
  'layers/layernorm.json',
  'layers/lora_linear.json',
  'layers/rmsnorm.json',
  'layers/rotary.json',
  'layers/sinusoidal.json',
  'layers/swiglu.json',
  'layers/vit_patch_embedding.json',
  'losses/barlow_twins.json',
  'losses/bce_logits.json',
  'losses/byol.json',
  'losses/clip_distill.json',
  'losses/clip_symmetric.json',
  'losses/coca.json',
  'losses/contrastive_pair.json',
  'losses/cross_entropy.json',
  'losses/cross_entropy_soft.json',
  'losses/dcl.json',
  'losses/dclw.json',
  'losses/dino.json',
  'losses/distillation_kl.json',
  'losses/dpo.json',
  'losses/focal_binary.json',
  'losses/focal_multiclass.json',
  'losses/huber.json',
  'losses/infonce_explicit_negatives.json',
  'losses/infonce_one_way.json',
  'losses/kl_divergence.json',
  'losses/koleo.json',
  'losses/moco_queue.json',
  'losses/multi_similarity.json',
  'losses/negative_cosine.json',
  'losses/ntxent.json',
  'losses/ntxent_labels.json',
  'losses/ranking.json',
  'losses/sequence_logps.json',
  'losses/siglip.json',
  'losses/sinkhorn.json',
  'losses/supcon.json',
  'losses/swav.json',
  'losses/tico.json',
  'losses/triplet_margin.json',
  'losses/triplet_mining.json',
  'losses/vicreg.json',
]

async function verify(path: string, device: EngineDevice): Promise<{ summary: Summary; bad: CaseResult[] }> {
  const bad: CaseResult[] = []
  const summary = await verifyFiles([nodeGoldenSource(path)], {
    openDevice: () => Promise.resolve({ ...device, dispose() {} }),
    onCase: (result) => result.status !== 'ok' && bad.push(result),
    onUnreadable(_source, error) {
      throw error
    },
  })
  return { summary, bad }
}

await describeOnDevices('parity', (device) => {
  it.each(ownFiles)('equals torch in all cases of %s', async (name) => {
    const { summary, bad } = await verify(ownFolder + name, device())
    expect(bad).toEqual([])
    expect(summary.passed).toBeGreaterThan(0)
  })

  if (existsSync(sharedFolder)) {
    it.each(coveredFiles)(
      'equals the reference in all cases of goldens/%s',
      { timeout: 120_000 },
      async (name) => {
        const { summary, bad } = await verify(sharedFolder + name, device())
        expect(bad).toEqual([])
        expect(summary.passed).toBeGreaterThan(0)
      },
    )
  } else {
    describe.skip('goldens: skipped, ../shared/goldens is not there', () => {
      it.each(coveredFiles)('%s', () => {})
    })
  }
})
