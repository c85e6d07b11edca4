import type { SignalNotice } from "../../src-preload/contract/app.ts";

/** Shortest distance between two notifications, real ms. */
const APART_MS = 5000;
const NAMED = 3;

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Page that a click opens. */
  readonly route: string;
}

export interface NoticesOptions {
  /** Asked for each signal. */
  wanted(): boolean;
  show(notice: Notice): void;
  /** Calls once after `ms` real ms, until cancelled. */
  after(ms: number, callback: () => void): () => void;
}

/** Turns signals into notifications, at most one each 5 s: what comes meanwhile becomes one summary. */
export class Notices {
  readonly #options: NoticesOptions;
  #gathered: SignalNotice[] = [];
  #cancel: (() => void) | null = null;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  signal(notice: SignalNotice): void {
    if (!this.#options.wanted()) return;
    this.#gathered.push(notice);
    if (this.#cancel === null) this.#release();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#gathered = [];
  }

  #release(): void {
    const notices = this.#gathered;
    this.#gathered = [];
    if (notices.length === 0) {
      this.#cancel = null;
      return;
    }
    this.#cancel = this.#options.after(APART_MS, () => this.#release());
    // Switched off while they waited.
    if (this.#options.wanted()) this.#options.show(summary(notices));
  }
}

function summary(notices: readonly SignalNotice[]): Notice {
  const [only] = notices;
  if (only !== undefined && notices.length === 1) {
    return { title: only.title, body: only.body, route: `/bots/${only.botId}` };
  }
  const titles = notices.slice(0, NAMED).map((notice) => notice.title);
  const more = notices.length - titles.length;
  return {
    title: `${notices.length} signals`,
    body: [...titles, ...(more > 0 ? [`and ${more} more`] : [])].join("\n"),
    route: "/",
  };
}
