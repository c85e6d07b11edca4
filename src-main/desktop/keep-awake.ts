/** Electron's powerSaveBlocker, as far as it is used. */
interface Blocker {
  start(type: "prevent-app-suspension"): number;
  stop(id: number): unknown;
}

/**
 * Keeps the machine from going to sleep by itself, and macOS from holding back our timers, while it is wanted. The screen
 * may go dark; a lid that is closed, or a person who chooses sleep, is obeyed.
 */
export class KeepAwake {
  readonly #blocker: Blocker;
  #id: number | null = null;

  constructor(blocker: Blocker) {
    this.#blocker = blocker;
  }

  /** Cheap when nothing changed. */
  set(wanted: boolean): void {
    if (wanted === (this.#id !== null)) return;
    if (this.#id === null) {
      this.#id = this.#blocker.start("prevent-app-suspension");
      return;
    }
    this.#blocker.stop(this.#id);
    this.#id = null;
  }
}
