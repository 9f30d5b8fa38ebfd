import 'fake-indexeddb/auto'
import { describeRunStore } from './runStore.suite.ts'

describeRunStore()
