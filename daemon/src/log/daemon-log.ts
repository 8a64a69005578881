import type { Log, LogLevel } from '@ai-orchestrator/core/plugin';
import { pino, stdSerializers, type Logger } from 'pino';
import { pretty } from './pretty.js';
import { redactByName, redactKeys } from './redact.js';

/** Where and how the log is written. */
export interface DaemonLogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Bytes of lines that wait to be written; past that lines are dropped and counted. */
  readonly bufferBytes: number;
  /** File descriptor. */
  readonly fd: number;
  readonly colour?: boolean;
}

/** Loggers by name at most; a name past that shares the main logger. */
const MAX_LOGGERS = 1000;

/** The daemon's log: asynchronous, bounded, without secrets, its levels changeable while running. */
export class DaemonLog implements Log {
  readonly #destination: ReturnType<typeof pino.destination>;
  readonly #root: Logger;
  readonly #children = new Map<string, PinoLog>();
  readonly #apart = new Set<string>();
  readonly #main: PinoLog;
  #dropped = 0;
  /** Whether the last write failed. */
  #unwritable = false;
  #onDropped: (() => void) | undefined;

  constructor(options: DaemonLogOptions) {
    const { level, format, bufferBytes, fd, colour = false } = options;
    this.#destination = pino.destination({ dest: fd, sync: false, maxLength: bufferBytes });
    this.#destination.on('drop', () => {
      this.#dropped++;
      this.#onDropped?.();
    });
    // A log that nobody can read any more (EPIPE, a full disk) must not end the daemon; the lines are lost, and counted.
    this.#destination.on('error', () => {
      this.#unwritable = true;
      this.#dropped++;
      this.#onDropped?.();
    });
    this.#destination.on('write', () => (this.#unwritable = false));
    // It tries until it can, here and when the process exits: one whose terminal was closed would never end.
    const flushSync = this.#destination.flushSync.bind(this.#destination);
    this.#destination.flushSync = () => {
      if (!this.#unwritable) flushSync();
    };
    const write = (line: string) => {
      const clean = redactKeys(line);
      this.#destination.write(format === 'pretty' ? pretty(clean, colour) : clean);
    };
    this.#root = pino(
      {
        level,
        base: null,
        messageKey: 'message',
        errorKey: 'err',
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: {
          level: (label) => ({ level: label }),
          log: (fields) => redactByName(fields) as Record<string, unknown>,
        },
        serializers: { err: stdSerializers.err, error: stdSerializers.err, cause: stdSerializers.err },
      },
      { write },
    );
    this.#main = new PinoLog(this.#root, (name) => this.child(name));
  }

  /** Lines that were not written, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Is told of each line that is dropped; one listener, the daemon's counter. */
  countDropped(listener: () => void): void {
    this.#onDropped = listener;
    for (let i = 0; i < this.#dropped; i++) listener();
  }

  /**
   * Changes the level of one logger, or of all those that were not set apart.
   *
   * @returns false when there is no logger of that name
   */
  setLevel(level: LogLevel, name?: string): boolean {
    if (name === undefined) {
      this.#root.level = level;
      for (const [child, log] of this.#children) if (!this.#apart.has(child)) log.level = level;
      return true;
    }
    const child = this.#children.get(name);
    if (child === undefined) return false;
    this.#apart.add(name);
    child.level = level;
    return true;
  }

  child(name: string): Log {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    if (this.#children.size >= MAX_LOGGERS) return this.#main;
    const made = new PinoLog(this.#root.child({ logger: name }), (inner) => this.child(`${name}/${inner}`));
    this.#children.set(name, made);
    return made;
  }

  /** Writes what waits; for the end of the process. */
  flush(): void {
    this.#destination.flushSync();
  }

  trace(fields: object, message: string): void {
    this.#main.trace(fields, message);
  }
  debug(fields: object, message: string): void {
    this.#main.debug(fields, message);
  }
  info(fields: object, message: string): void {
    this.#main.info(fields, message);
  }
  warn(fields: object, message: string): void {
    this.#main.warn(fields, message);
  }
  error(fields: object, message: string): void {
    this.#main.error(fields, message);
  }
  fatal(fields: object, message: string): void {
    this.#main.fatal(fields, message);
  }
}

/** One pino logger behind the interface of the core. */
class PinoLog implements Log {
  constructor(
    private readonly logger: Logger,
    private readonly named: (name: string) => Log,
  ) {}

  set level(level: LogLevel) {
    this.logger.level = level;
  }

  trace(fields: object, message: string): void {
    this.logger.trace(fields, message);
  }
  debug(fields: object, message: string): void {
    this.logger.debug(fields, message);
  }
  info(fields: object, message: string): void {
    this.logger.info(fields, message);
  }
  warn(fields: object, message: string): void {
    this.logger.warn(fields, message);
  }
  error(fields: object, message: string): void {
    this.logger.error(fields, message);
  }
  fatal(fields: object, message: string): void {
    this.logger.fatal(fields, message);
  }
  child(name: string): Log {
    return this.named(name);
  }
}
