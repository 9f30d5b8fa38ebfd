import 'fake-indexeddb/auto'
import { describeCheckpointStore } from './checkpointStore.suite.ts'

describeCheckpointStore()
