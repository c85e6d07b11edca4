/**
 * Lines for a person at a terminal and for a build log: one line a phase with its duration, and
 * progress that rewrites itself on a terminal but is printed as plain, spaced-out lines elsewhere.
 */

const PLAIN_PROGRESS_EVERY_MS = 5_000;
const TTY_PROGRESS_EVERY_MS = 100;

/**
 * @typedef {object} Reporter
 * @property {(text: string) => void} line prints one finished line
 * @property {(text: string) => void} progress shows where a long step is; throttled
 * @property {<T>(name: string, work: () => Promise<PhaseResult<T>>) => Promise<T>} phase runs a
 *   step and prints its name, what it says of itself and its duration
 */

/**
 * @template T
 * @typedef {{ value: T, note: string }} PhaseResult
 */

/**
 * @param {NodeJS.WriteStream} [stream] where the lines go
 * @returns {Reporter}
 */
export function createReporter(stream = process.stdout) {
  const live = stream.isTTY;
  let lastProgressAt = 0;
  let progressShown = false;

  const clear = () => {
    if (progressShown && live) stream.write("\r\u001b[2K");
    progressShown = false;
  };

  /** @param {string} text */
  const line = (text) => {
    clear();
    stream.write(`${text}\n`);
  };

  return {
    line,
    progress(text) {
      const now = Date.now();
      if (now - lastProgressAt < (live ? TTY_PROGRESS_EVERY_MS : PLAIN_PROGRESS_EVERY_MS)) return;
      lastProgressAt = now;
      if (live) {
        stream.write(`\r\u001b[2K  … ${text}`.slice(0, (stream.columns ?? 100) + 4));
        progressShown = true;
      } else stream.write(`  … ${text}\n`);
    },
    async phase(name, work) {
      const startedAt = Date.now();
      // A short step prints no progress on a log: its own line says enough.
      lastProgressAt = startedAt;
      const { value, note } = await work();
      line(`✓ ${name.padEnd(18)} ${note} (${seconds(Date.now() - startedAt)})`);
      return value;
    },
  };
}

/**
 * @param {number} ms duration in ms
 * @returns {string} like `2.4 s`
 */
export function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * @param {number} bytes
 * @returns {string} like `196 MB` (decimal megabytes, as download pages give them)
 */
export function megabytes(bytes) {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
