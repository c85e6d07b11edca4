import { app, Menu } from "electron";
import type { MenuItemConstructorOptions } from "electron";

export interface MenuActions {
  openDataFolder(): void;
  navigate(route: string): void;
  quit(): void;
}

/** The application's menu; hidden behind Alt where the system has no menu bar of its own. */
export function installMenu(actions: MenuActions): void {
  const page = (label: string, route: string, key: string): MenuItemConstructorOptions => ({
    label,
    accelerator: `CmdOrCtrl+${key}`,
    click: () => actions.navigate(route),
  });
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === "darwin" ? [{ role: "appMenu" } as const] : []),
    {
      label: "File",
      submenu: [
        { label: "Open data folder", click: () => actions.openDataFolder() },
        { type: "separator" },
        { label: "Quit", accelerator: "CmdOrCtrl+Q", click: () => actions.quit() },
      ],
    },
    { role: "editMenu" },
    {
      label: "View",
      submenu: [
        page("Fleet", "/", "1"),
        page("Schedule", "/schedule", "2"),
        page("Positions", "/positions", "3"),
        page("Risk", "/risk", "4"),
        page("Logs", "/logs", "5"),
        page("Settings", "/settings", ","),
        { type: "separator" },
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        { role: "togglefullscreen" },
        ...(app.isPackaged ? [] : [{ role: "toggleDevTools" } as const]),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
