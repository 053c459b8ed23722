import type { Bindings, LogFn, Logger } from 'pino'

/**
 * The logger of one request, which names it in every line. Most requests never log, so the real one is made by the
 * first line.
 */
export const requestLogger = (parent: Logger, bindings: Bindings): Logger =>
  new RequestLogger(parent, bindings) as unknown as Logger

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
type Line = Parameters<LogFn>

/** As much of a logger as Fastify and doors use. */
class RequestLogger implements Record<Level, (...line: Line) => void> {
  readonly #parent: Logger
  readonly #bindings: Bindings
  #logger: Logger | undefined

  constructor(parent: Logger, bindings: Bindings) {
    this.#parent = parent
    this.#bindings = bindings
  }

  get level(): string {
    return this.#parent.level
  }

  fatal(...line: Line): void {
    this.#log('fatal', line)
  }
  error(...line: Line): void {
    this.#log('error', line)
  }
  warn(...line: Line): void {
    this.#log('warn', line)
  }
  info(...line: Line): void {
    this.#log('info', line)
  }
  debug(...line: Line): void {
    this.#log('debug', line)
  }
  trace(...line: Line): void {
    this.#log('trace', line)
  }
  silent(): void {}

  isLevelEnabled(level: string): boolean {
    return this.#parent.isLevelEnabled(level)
  }

  child(bindings: Bindings): Logger {
    return this.#own().child(bindings)
  }

  #log(level: Level, line: Line): void {
    if (!this.#parent.isLevelEnabled(level)) return
    this.#own()[level](...line)
  }

  #own(): Logger {
    this.#logger ??= this.#parent.child(this.#bindings)
    return this.#logger
  }
}
