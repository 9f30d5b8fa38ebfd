import { createRegistry } from '../../core/registry.ts'
import type { SelfTest } from './defineSelfTest.ts'

/** One for each kernel. */
export const selfTests = createRegistry(
  'Self-test',
  import.meta.glob<{ default: SelfTest }>(['../kernels/*/selfTest.ts', '../optim/selfTest.ts'], {
    eager: true,
  }),
)
