/** Says that the engine has no counterpart for what a golden case asks; the message is the reason. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}
