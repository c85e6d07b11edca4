/**
 * Three bundles: main (ESM), preload (CommonJS, as a sandboxed preload must be) and the window. The
 * targets are those of the oldest runtime that starts the app, so one build serves every Electron.
 */
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";

const at = (path: string): string => resolve(import.meta.dirname, path);

/**
 * Puts all that the window needs for its first paint into one file: fifty small ones are asked for one after the
 * other and cost the start more than their bytes. Pages that load when first looked at stay apart.
 */
type Graph = { getModuleInfo(id: string): { readonly importers: readonly string[] } | null };
const inFirst = new Map<string, boolean>();
function firstChunk(id: string, graph: Graph): string | null {
  let known = inFirst.get(id);
  if (known === undefined) {
    inFirst.set(id, false);
    known =
      id.endsWith("src-renderer/main.tsx") ||
      (graph.getModuleInfo(id)?.importers ?? []).some((from) => firstChunk(from, graph) !== null);
    inFirst.set(id, known);
  }
  return known ? "first" : null;
}

export default defineConfig({
  main: {
    build: {
      target: "node20",
      outDir: at("out/main"),
      // Everything is bundled but what must stay a package: native code, and ccxt for its size.
      externalizeDeps: false,
      rollupOptions: {
        external: ["electron", /^electron\/.+/, "better-sqlite3", /^ccxt(\/|$)/],
        input: {
          index: at("src-main/index.ts"),
          "research-process": at("src-main/research-process.ts"),
          // The process of the user's strategies, and the worker thread in it that runs them.
          "strategy-process": at("src-main/user-strategies/process/supervisor.ts"),
          "strategy-sandbox": at("src-main/user-strategies/process/sandbox.ts"),
        },
        output: { format: "es", entryFileNames: "[name].js", chunkFileNames: "chunks/[name].js" },
      },
    },
  },
  preload: {
    build: {
      target: "node20",
      outDir: at("out/preload"),
      externalizeDeps: false,
      rollupOptions: {
        input: { index: at("src-preload/index.ts") },
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: at("src-renderer"),
    plugins: [react()],
    build: {
      target: "chrome130",
      outDir: at("out/renderer"),
      minify: true,
      // The content security policy allows no data: fonts or scripts, and no inline code.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Local files: the first chunk and the chart library may be large.
      chunkSizeWarningLimit: 800,
      rollupOptions: {
        input: { index: at("src-renderer/index.html") },
        output: { codeSplitting: { groups: [{ name: firstChunk }] } },
      },
    },
  },
});
