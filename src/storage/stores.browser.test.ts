/** The stores on a browser's own IndexedDB; the same suites run in Node on the one in memory. */
import { describeCheckpointStore } from './checkpointStore.suite.ts'
import { describeDatasetStore } from './datasetStore.suite.ts'
import { describeRunStore } from './runStore.suite.ts'

describeCheckpointStore()
describeDatasetStore()
describeRunStore()
