import { activations } from '../../../src/engine/nn/activation.ts'
import { allActivations } from '../activationNames.ts'
import { defineKind, isAbout } from '../defineKind.ts'
import { namesOf } from '../goldenCase.ts'
import { checkLayer } from '../layerCase.ts'

export default defineKind({
  id: 'activations',
  isFor: (file) => isAbout(file, /^activations/i),
  check(golden, context) {
    const activation = activations[allActivations[golden.choice('kind', namesOf(allActivations))]]
    return checkLayer(golden, context, (inputs) => activation(inputs.get('x')))
  },
})
