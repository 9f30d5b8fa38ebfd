/**
 * The only door to TensorFlow.js. Gradients are registered by name because the package's own entry for Node is a
 * CommonJS bundle with a second, empty registry; the ES modules imported here are one instance on every platform.
 */
// First: registering a gradient reads flags, which only this entry defines, and bundlers drop unused re-exports.
import '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-webgpu'
import { enableProdMode, findBackendFactory, removeBackend } from '@tensorflow/tfjs-core'

export * from '@tensorflow/tfjs-core'
export { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'

// Production mode only silences tfjs's console messages.
enableProdMode()
// The stock WebGPU backend would be picked by itself, on a device that nobody watches.
if (findBackendFactory('webgpu') !== null) removeBackend('webgpu')
