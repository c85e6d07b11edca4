import type { LedgerStore } from "../engine/store-port.ts";
import type { Database } from "./sqlite.ts";

/** Small JSON values by key. `set` throws TypeError for what JSON cannot carry. */
export function namedValues(db: Database): LedgerStore["values"] {
  const get = db.prepare<[string], string>("SELECT value FROM named_values WHERE key = ?").pluck();
  const set = db.prepare<[string, string]>(
    "INSERT INTO named_values (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  return {
    get: (key) => {
      const text = get.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    set: (key, value) => {
      // undefined and functions have no JSON text, whatever the types of stringify say.
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined)
        throw new TypeError(`Value "${key}" cannot be kept: it has no JSON form.`);
      set.run(key, text);
    },
  };
}
