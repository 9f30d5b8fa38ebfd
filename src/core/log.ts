/** The only place that writes to the console, so that a build or a test can silence or capture it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogSink = (level: LogLevel, area: string, message: string, data?: unknown) => void

const consoleSink: LogSink = (level, area, message, data) => {
  const text = `[${area}] ${message}`
  if (data === undefined) console[level](text)
  else console[level](text, data)
}

let sink: LogSink = consoleSink

export function setLogSink(next: LogSink | null): void {
  sink = next ?? consoleSink
}

export function log(level: LogLevel, area: string, message: string, data?: unknown): void {
  sink(level, area, message, data)
}
