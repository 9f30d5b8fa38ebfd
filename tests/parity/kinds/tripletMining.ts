import * as tf from '../../../src/engine/backend/tfjs.ts'
import { allRows } from '../../../src/engine/kernels/rowChunks.ts'
import { distancesOf, type Distance } from '../../../src/engine/losses/parts/distances.ts'
import { firstLargest, firstSmallest } from '../../../src/engine/losses/parts/extremes.ts'
import { mineTriplets, type TripletMiner } from '../../../src/engine/losses/parts/tripletMiners.ts'
import loss from '../../../src/engine/losses/tripletMining.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { namesOf, type GoldenCase } from '../goldenCase.ts'
import { asNumber, asRecord, type JsonRecord } from '../json.ts'
import { Ledger } from '../ledger.ts'
import { checkLoss } from '../lossCase.ts'
import { asPlaces, minedPlaces } from '../minedCase.ts'
import { labelledOf, reducers } from '../pairCase.ts'

const distances = {
  euclidean: { distance: 'euclidean', isNormalized: false },
  euclidean_normalized: { distance: 'euclidean', isNormalized: true },
  squared_euclidean: { distance: 'squared-euclidean', isNormalized: false },
  squared_euclidean_normalized: { distance: 'squared-euclidean', isNormalized: true },
  cosine: { distance: 'cosine', isNormalized: true },
  cosine_similarity: { distance: 'cosine', isNormalized: true },
} as const satisfies Record<string, Distance>

const miners = {
  none: 'batch-all',
  batch_hard: 'batch-hard',
  all: 'within-margin',
  semihard: 'semi-hard',
  hard: 'hard',
} as const satisfies Record<string, TripletMiner>

export default defineKind({
  id: 'triplet-mining',
  isFor: (file) => isAbout(file, /^triplet loss with mining on a labelled batch/i),
  async check(golden, context) {
    const params = {
      ...distances[golden.choice('distance', namesOf(distances))],
      miner: miners[golden.choice('miner', namesOf(miners))],
      margin: golden.param('margin'),
      isSoft: false,
      reducer: reducers[golden.choice('reducer', namesOf(reducers))],
    }
    await checkLoss(golden, context, (inputs) => loss.compute(params, labelledOf(inputs)))
    const expected = golden.expected.takeIfThere('mined_triplets')
    if (expected !== undefined) await compareTriplets(golden, params, asRecord(expected, 'mined_triplets'))
  },
})

async function compareTriplets(
  golden: GoldenCase,
  options: Distance & { miner: TripletMiner; margin: number },
  expected: JsonRecord,
): Promise<void> {
  const { triplets } = await minedPlaces(golden, ({ embeddings, pairs }) => {
    const { z, between } = distancesOf(embeddings, options)
    const apart = between(z, z, allRows(z.shape[0]))
    if (options.miner !== 'batch-hard') return { triplets: mineTriplets(apart, pairs, options).mask }
    const [farthest, nearest] = [firstLargest(apart, pairs.positive), firstSmallest(apart, pairs.negative)]
    return { triplets: tf.logicalAnd(tf.expandDims(farthest, 2), tf.expandDims(nearest, 1)) }
  })
  const fields = new Ledger(expected, 'expected.mined_triplets')
  golden.comparison.same('mined triplets', [triplets.length], [asNumber(fields.take('count'), 'count')])
  const places = fields.takeIfThere('anchor_positive_negative') ?? null
  fields.refuseUntouched()
  if (places === null) return
  const wanted = asPlaces(places, fields.where('anchor_positive_negative'))
  golden.comparison.same('mined triplets', triplets, wanted)
}
