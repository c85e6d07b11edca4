import type { FileSeries } from "../../src-preload/contract/files.ts";
import type { HandlersOf, IpcHost } from "./host.ts";

/** Requests about CSV files. The trader chooses the file in a dialog of the desktop: the window never names a path. */
export function fileHandlers(host: IpcHost): HandlersOf<"files"> {
  const files = async () => (await host.workspace()).files;
  return {
    "files:job": async () => (await files()).job(),
    "files:import": async ({ series }) => {
      (await files()).check(series);
      const file = await host.chooseFile({ kind: "import" });
      return file === null ? null : (await files()).read(series, file);
    },
    "files:export": async ({ series }) => {
      (await files()).check(series);
      const file = await host.chooseFile({ kind: "export", name: nameOf(series) });
      return file === null ? null : (await files()).write(series, file);
    },
    "files:store": async () => {
      (await files()).store();
      return null;
    },
    "files:cancel": async () => {
      (await files()).cancel();
      return null;
    },
    "files:dismiss": async () => {
      (await files()).dismiss();
      return null;
    },
  };
}

/** "BTC-USDT-1h.csv", "nupl.csv". */
const nameOf = (series: FileSeries): string =>
  [
    series.kind === "metric" ? series.name : null,
    series.symbol,
    series.kind === "candles" ? series.timeframe : null,
  ]
    .filter((part) => part !== null)
    .join("-")
    .replaceAll(/[/:]/g, "-")
    .concat(".csv");
