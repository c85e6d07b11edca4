/** Digits that a number keeps exactly. */
const exactDigits = 15;
const paddedDigits = 16;

/** An id in its natural order: bot-b2 before bot-b10. Most ids are a name and a number, which are compared as such. */
export class JobId {
  readonly id: string;
  /** What stands before the number at the end. */
  readonly name: string;
  /** NaN without such a number. */
  readonly number: number;
  #padded: string | null = null;

  constructor(id: string) {
    this.id = id;
    let start = id.length;
    while (start > 0 && isDigit(id.charCodeAt(start - 1))) start -= 1;
    const digits = id.length - start;
    this.name = id.slice(0, start);
    this.number = digits > 0 && digits <= exactDigits ? Number(id.slice(start)) : Number.NaN;
  }

  /** Below 0 when this comes first; never 0 for two ids. */
  compare(other: JobId): number {
    // NaN is not above 0: what has no number is compared as text.
    const difference = this.number - other.number;
    if (Math.abs(difference) > 0 && this.name === other.name) return difference;
    const [a, b] = [this.#text(), other.#text()];
    if (a !== b) return a < b ? -1 : 1;
    return this.id < other.id ? -1 : 1;
  }

  #text(): string {
    this.#padded ??= this.id.replaceAll(/\d+/g, (digits) => digits.padStart(paddedDigits, "0"));
    return this.#padded;
  }
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
