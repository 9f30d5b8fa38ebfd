/** A checkpoint for the browser's downloads, named after its run. */
export function checkpointFile(
  name: string,
  slot: 'latest' | 'best',
  step: number,
  bytes: Uint8Array<ArrayBuffer>,
): File {
  return new File([bytes], `${slug(name)}-${slot}-step${step}.safetensors`, {
    type: 'application/octet-stream',
  })
}

/** A model for others to load. */
export function modelFile(
  name: string,
  slot: 'latest' | 'best',
  step: number,
  zip: Uint8Array<ArrayBuffer>,
): File {
  return new File([zip], `${slug(name)}-${slot}-step${step}-model.zip`, { type: 'application/zip' })
}

function slug(name: string): string {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return words.replaceAll(/^-|-$/g, '').slice(0, 60) || 'run'
}
