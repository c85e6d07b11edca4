import { dialog } from "electron";
import type { BrowserWindow } from "electron";
import type { FileWish } from "../ipc/host.ts";

/** Asks the trader in the system's own dialog for a CSV file to read or to write; null when none was chosen. */
export async function chooseFile(window: BrowserWindow, wish: FileWish): Promise<string | null> {
  const filters = [
    { name: "CSV, plain or gzip", extensions: ["csv", "gz", "txt", "tsv"] },
    { name: "All files", extensions: ["*"] },
  ];
  if (wish.kind === "import") {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title: "Import CSV",
      properties: ["openFile"],
      filters,
    });
    return canceled ? null : (filePaths[0] ?? null);
  }
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: "Export CSV",
    defaultPath: wish.name,
    filters,
  });
  return canceled || filePath === "" ? null : filePath;
}
