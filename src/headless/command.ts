/** What a command of `npm run bunsen` is. One file of `commands/` is one command. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** Lines below the name in `help NAME`: the forms of the call, then what each option means. */
  readonly usage: readonly string[]
  /** Takes the words after the command's name; resolves to the exit code. Throws a BunsenError for bad input. */
  run(args: readonly string[], io: CommandIo): Promise<number>
}

/** The only way in which a command speaks, so that standard output stays machine-readable. */
export interface CommandIo {
  /** One line of results on standard output. */
  print(line: string): void
  /** One line of progress or explanation on standard error. */
  note(line: string): void
  /** Text as it is on standard error, for a progress bar; see `isTerminal`. */
  draw(text: string): void
  /** Whether standard error is a terminal, so that a line may be drawn over. */
  readonly isTerminal: boolean
  /** All commands by name, for `help` and what else describes them. */
  readonly commands: ReadonlyMap<string, Command>
  /**
   * From the first call on, Ctrl-C and SIGTERM abort this signal instead of ending the process, so that a command can
   * save and end; a second one ends the process. Commands that never ask are ended at once.
   */
  interruptSignal(): AbortSignal
}

/** Exit codes, the same for every command. */
export const exitCodes = { done: 0, fault: 1, badInput: 2, noAdapter: 3, diverged: 4 } as const

export function defineCommand(command: Command): Command {
  return command
}
