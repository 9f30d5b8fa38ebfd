import { expect } from 'vitest'

/** Files that compute more than they compile: their shaders are worth optimising. */
const heavy = /kernels\/similarity\/|nightly\/(soak|presets)/

// Lavapipe's compiler takes longer than what most tests compute: without its optimiser models and runs take three fifths of
// the time and kernels at many sizes a tenth of it, similarities of 4,096 rows five times as long. Read when the driver is
// opened, which is after this.
if (!heavy.test(expect.getState().testPath ?? '')) process.env['GALLIVM_PERF'] ??= 'nopt'
