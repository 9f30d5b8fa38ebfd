import { mount } from 'svelte'
import App from '../../src/App.svelte'
import { fakeLab, type FakeOptions } from './fakeLab.ts'
import '../../src/ui/layout/tokens.css'
import '../../src/ui/layout/base.css'

/** The whole page on a made-up lab: `?steps=1240&status=paused&preset=char-gpt-tiny&software=1&nogpu=1`. */
const query = new URLSearchParams(window.location.search)
const options: FakeOptions = { msPerStep: Number(query.get('ms') ?? 22) }
if (query.has('steps')) options.runSteps = Number(query.get('steps'))
if (query.has('status')) options.status = query.get('status') as NonNullable<FakeOptions['status']>
if (query.has('preset')) options.preset = query.get('preset')!
if (query.has('software')) options.device = { name: 'SwiftShader (software)', isSoftware: true }
if (query.has('nogpu')) options.device = { name: 'CPU (JavaScript)', backend: 'cpu', isSoftware: false }

const lab = await fakeLab(options)
if (query.has('nogpu')) {
  lab.gpuProblem = {
    reason: 'no-adapter',
    error: {
      name: 'DeviceError',
      code: 'no-adapter',
      message: 'WebGPU: this browser gave no adapter',
      remedy: 'Turn on hardware acceleration in the browser’s settings, or update the graphics driver.',
      details: {},
    },
  }
}
if (query.has('missing')) {
  lab.draft?.set(['data', 'source'], {
    kind: 'stored',
    name: 'letters.txt',
    sha256: '9c'.repeat(32),
    sizeBytes: 812_331,
  })
}
if (query.has('error')) lab.report(new TypeError('cannot read properties of undefined'))
if (query.has('link')) {
  lab.linkNotice = {
    level: 'info',
    title: 'Settings from a link',
    detail: '3 settings differ from the defaults.',
  }
}
if (query.has('changed')) {
  lab.draft?.set(['model', 'numLayers'], 6)
  lab.draft?.set(['stages', 0, 'batchSize'], 64)
  lab.draft?.set(['stages', 0, 'optimizer', 'learningRate'], 0.0006)
}
if (query.has('invalid')) lab.draft?.set(['model', 'numLayers'], 400)
Object.assign(window, { lab })
mount(App, { target: document.getElementById('app')!, props: { lab } })
