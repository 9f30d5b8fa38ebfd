import 'fake-indexeddb/auto'
import { describeDatasetStore } from './datasetStore.suite.ts'

describeDatasetStore()
