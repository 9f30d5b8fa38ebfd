import { add, mean, mul, neg, relu, sub, type Scalar } from '../backend/tfjs.ts'
import { defineLoss } from './defineLoss.ts'

/** Margin ranking, as torch: mean of relu(-y·(first - second) + margin). first, second, order [N], order y 1 or -1. */
export default defineLoss({
  id: 'margin-ranking',
  title: 'Margin ranking',
  summary: 'Wants the better one of two scores to be ahead by a margin.',
  formula: 'mean of max(0, −y·(x₁ − x₂) + m)',
  use: 'Learning an order from comparisons.',
  link: 'https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html',
  accepts: 'ranked',
  fields: {
    margin: {
      type: 'number',
      label: 'Margin',
      help: 'How far ahead the better score must be.',
      default: 0,
      min: 0,
      max: 1000,
      step: 0.1,
    },
  },
  compute({ margin }, { first, second, order }) {
    const lead = mul(order, sub(first, second))
    return { loss: mean(relu(add(neg(lead), margin))) as Scalar, parts: {} }
  },
})
