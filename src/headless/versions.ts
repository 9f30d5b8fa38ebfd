import { arch, platform, release } from 'node:os'
import packageJson from '../../package.json' with { type: 'json' }
import tfjs from '@tensorflow/tfjs-core/package.json' with { type: 'json' }
import webgpu from 'webgpu/package.json' with { type: 'json' }

/** Versions of all that numbers may depend on. */
export function readVersions(): Record<string, string> {
  return {
    bunsen: packageJson.version,
    code: __CODE_VERSION__,
    node: process.versions.node,
    tfjs: tfjs.version,
    webgpu: webgpu.version,
    system: `${platform()}-${arch()} ${release()}`,
  }
}
