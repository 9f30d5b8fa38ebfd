/** What stands beside the charts of a run: fetched as one when a run is looked at, so that the first page stays small. */
export { default as ViewOf } from '../views/ViewOf.svelte'
export { default as Measured } from './Measured.svelte'
export { default as Samples } from './Samples.svelte'
export { default as SearchBox } from './SearchBox.svelte'
