import type { Sources, Trouble } from "../protocol.ts";

/** What the type stripper throws: a plain object with the place in it. */
interface SyntaxTrouble {
  readonly message: string;
  readonly startLine: number;
  readonly startColumn: number;
}

/** A fault of the strategy's own code whose place is known already. */
export class PlacedError extends Error {
  override readonly name = "PlacedError";
  readonly place: Pick<Trouble, "file" | "line" | "column">;
  constructor(message: string, place: Pick<Trouble, "file" | "line" | "column">) {
    super(message);
    this.place = place;
  }
}

/** Makes an error of what the type stripper threw for a file. */
export function syntaxError(file: string, thrown: unknown): Error {
  const { message, startLine, startColumn } = thrown as Partial<SyntaxTrouble>;
  return new PlacedError(message ?? String(thrown), {
    file,
    line: startLine ?? null,
    column: startColumn === undefined ? null : startColumn + 1,
  });
}

const textOf = (thrown: unknown): { readonly message: string; readonly stack: string } => {
  if (typeof thrown !== "object" || thrown === null)
    return { message: `it threw ${JSON.stringify(thrown)}`, stack: "" };
  const { message, stack, name } = thrown as { message?: unknown; stack?: unknown; name?: unknown };
  const kind = typeof name === "string" && name !== "Error" ? `${name}: ` : "";
  return {
    message:
      typeof message === "string" ? `${kind}${message}` : "it threw something that is no error",
    stack: typeof stack === "string" ? stack : "",
  };
};

/** What was thrown, and the first place in its stack that lies in a file of the folder. */
export function troubleOf(thrown: unknown, sources: Sources, entry: string): Trouble {
  if (thrown instanceof PlacedError) return { message: thrown.message, ...thrown.place };
  const { message, stack } = textOf(thrown);
  // "at decide (my.ts:12:9)" of a frame, or "my.ts:3" at the head of a syntax error.
  for (const [, file, line, column] of stack.matchAll(
    /(?:\(|at |^)([\w./-]+\.(?:ts|mts|js|mjs)):(\d+)(?::(\d+))?/gm,
  )) {
    if (file === undefined || !Object.hasOwn(sources, file)) continue;
    return {
      message,
      file,
      line: Number(line),
      column: column === undefined ? null : Number(column),
    };
  }
  return { message, file: entry, line: null, column: null };
}
