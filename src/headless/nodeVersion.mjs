/** Oldest Node that the build tools run on; the same as `engines` in package.json. */
const oldest = [20, 19]

/**
 * Ends the process with an explanation where Node is too old. Imported first and free of newer syntax, so that an old
 * Node reaches the message.
 */
export function requireNodeVersion() {
  const parts = process.versions.node.split('.').map(Number)
  if (parts[0] > oldest[0] || (parts[0] === oldest[0] && parts[1] >= oldest[1])) return
  process.stderr.write(
    `Bunsen needs Node ${oldest.join('.')} or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'Install a newer one from https://nodejs.org, then run the command again.\n',
  )
  process.exit(1)
}
