import logger from "electron-log/node";
import { EventEmitter } from "node:events";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { LogRecord } from "../../src-preload/contract/logs.ts";
import { messageOf } from "../engine/fault.ts";
import type { LogEntry, LogSink } from "./entry.ts";
import { matcher, parseRecord } from "./match.ts";
import type { LogAnswer, LogQuery } from "./match.ts";
import { redact } from "./redact.ts";
import { linesBackward, release, snapshots } from "./tail.ts";

const FILE_NAME = "tickdeck.log";
/** Records kept in memory. */
const RING = 2000;
/** Lines of old files that one query looks at before it gives up. */
const SCAN_LINES = 200_000;

export interface LogOptions {
  /** Folder of the log files; made when missing. */
  readonly dir: string;
  /** Wall time, ms UTC. */
  readonly now: () => number;
  /** Size at which a file is put aside, bytes. */
  readonly maxBytes?: number;
  /** Files put aside that are kept. */
  readonly keptFiles?: number;
}

interface Kept {
  readonly record: LogRecord;
  /** False when the file refused it. */
  readonly onDisk: boolean;
}

let instances = 0;

/**
 * The structured log: JSON lines in `dir/tickdeck.log`, put aside as tickdeck.1.log (newest) … tickdeck.N.log by size. Each
 * record is handed to the operating system before `write` returns (some 20 µs), so that kill -9 loses none.
 */
export class Log implements LogSink {
  /** The file being written. */
  readonly file: string;
  readonly #dir: string;
  readonly #now: () => number;
  readonly #keptFiles: number;
  readonly #listeners = new Set<(record: LogRecord) => void>();
  readonly #write: (line: string) => boolean;
  #engineNow: (() => number) | null = null;
  #ring: Kept[] = [];
  #problem: string | null = null;

  constructor(options: LogOptions) {
    this.#dir = options.dir;
    this.#now = options.now;
    this.#keptFiles = options.keptFiles ?? 9;
    this.file = join(options.dir, FILE_NAME);
    endTornLine(this.file);
    this.#write = this.#openTransport(options.maxBytes ?? 10_000_000);
  }

  /** Gives the engine's time for records that bring none, ms UTC. */
  useEngineTime(engineNow: () => number): void {
    this.#engineNow = engineNow;
  }

  /** One sentence when records cannot be written to the file, else null. */
  get problem(): string | null {
    return this.#problem;
  }

  write(entry: LogEntry): void {
    const { level, event, reason, error, engine_time, ...rest } = entry;
    const time = this.#now();
    const record: LogRecord = {
      time,
      engine_time: engine_time ?? this.#engineNow?.() ?? time,
      level,
      event,
      reason: redact(reason),
      ...rest,
      ...(error === undefined ? {} : { error: redact(error) }),
    };
    const onDisk = this.#write(JSON.stringify(record));
    this.#ring.push({ record, onDisk });
    if (this.#ring.length >= 2 * RING) this.#ring = this.#ring.slice(-RING);
    for (const listener of this.#listeners) listener(record);
  }

  /** Calls with each record from now on, until the returned function is called. */
  onRecord(listener: (record: LogRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Newest first: memory first, then the files as far back as `limit` needs, at most 200,000 lines. */
  async query(query: LogQuery): Promise<LogAnswer> {
    const match = matcher(query);
    const found: LogRecord[] = [];
    const ring = this.#ring;
    for (let i = ring.length - 1; i >= 0 && found.length < query.limit; i -= 1) {
      const kept = ring[i];
      if (kept !== undefined && match.record(kept.record)) found.push(kept.record);
    }
    if (found.length === query.limit) return { records: found, file: this.file };
    // What the ring holds is also at the end of the files.
    let skip = ring.reduce((count, kept) => count + (kept.onDisk ? 1 : 0), 0);
    let left = SCAN_LINES + skip;
    const opened = snapshots([this.file, ...this.#asideFiles()]);
    try {
      for (const snapshot of opened) {
        for await (const line of linesBackward(snapshot)) {
          left -= 1;
          if (left < 0 || found.length === query.limit) return { records: found, file: this.file };
          if (skip > 0) {
            skip -= 1;
          } else if (match.line(line)) {
            const record = parseRecord(line);
            if (record !== null && match.record(record)) found.push(record);
          }
        }
      }
    } finally {
      release(opened);
    }
    return { records: found, file: this.file };
  }

  #asideFiles(): string[] {
    return Array.from({ length: this.#keptFiles }, (_, i) => this.#aside(i + 1));
  }

  #aside(number: number): string {
    return join(this.#dir, FILE_NAME.replace(".log", `.${number}.log`));
  }

  #rotate(): void {
    rmSync(this.#aside(this.#keptFiles), { force: true });
    for (let n = this.#keptFiles - 1; n >= 1; n -= 1) {
      if (existsSync(this.#aside(n))) renameSync(this.#aside(n), this.#aside(n + 1));
    }
    if (this.#keptFiles === 0) rmSync(this.file, { force: true });
    else renameSync(this.file, this.#aside(1));
  }

  /** An electron-log instance of its own that writes whole lines to our file and nowhere else. */
  #openTransport(maxBytes: number): (line: string) => boolean {
    instances += 1;
    const own = logger.create({ logId: `tickdeck-${instances}` });
    // Outside Electron some transports are not there, which their types do not say.
    const transports: readonly ({ level: unknown } | null | undefined)[] = Object.values(
      own.transports,
    );
    for (const transport of transports) {
      if (transport) transport.level = false;
    }
    const { file } = own.transports;
    file.level = "silly";
    // Else it looks for a package.json around the working directory, and throws where there is none.
    file.setAppName("Tickdeck");
    file.resolvePathFn = () => this.file;
    file.maxSize = maxBytes;
    file.transforms = [({ data }) => data[0]];
    let trouble: string | null = null;
    let refused = false;
    file.archiveLogFn = () => {
      try {
        this.#rotate();
      } catch (error) {
        // The file goes on growing: better a long log than a lost record.
        trouble = `The log ${this.file} cannot be put aside (${messageOf(error)}); free some space or make its folder writable. The bots run on.`;
      }
    };
    const target = file.getFile();
    // Its own listener would print a stack for each record; the problem is said once, in the status.
    if (target instanceof EventEmitter) target.removeAllListeners("error");
    target.on("error", (error) => {
      refused = true;
      trouble = `The log cannot be written (${messageOf(error)}) Free some space or make it writable. The bots run on.`;
    });
    // electron-log hands out a file that swallows everything where it cannot write at first.
    if ("isNull" in target && typeof target.isNull === "function" && target.isNull()) {
      this.#problem = `The log ${this.file} cannot be written; make its folder writable, then start again.`;
      return () => false;
    }
    return (line) => {
      refused = false;
      trouble = null;
      own.info(line);
      this.#problem = trouble;
      return !refused;
    };
  }
}

/** A record that a crash cut off must not swallow the next one: ends its line. */
function endTornLine(file: string): void {
  if (!existsSync(file)) return;
  let fd: number;
  try {
    fd = openSync(file, "r+");
  } catch {
    // Not ours to write: the transport finds the same and says so.
    return;
  }
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) {
      writeSync(fd, "\n", size);
    }
  } finally {
    closeSync(fd);
  }
}
