import { Notification } from "electron";
import { messageOf } from "../engine/fault.ts";
import type { LogSink } from "../logging/entry.ts";
import type { Notice } from "./notices.ts";

/** Shows notifications of the operating system; what it refuses is in the log. */
export class DesktopNotifications {
  readonly #log: LogSink;
  readonly #onClick: (route: string) => void;
  // One that is collected as garbage does not answer its click.
  readonly #alive = new Set<Notification>();
  #supported: boolean | null = null;
  #failing = false;

  constructor(log: LogSink, onClick: (route: string) => void) {
    this.#log = log;
    this.#onClick = onClick;
  }

  show({ title, body, route }: Notice): void {
    if (this.#supported === null) {
      this.#supported = Notification.isSupported();
      if (!this.#supported) this.#failed(title, "this desktop shows none");
    }
    if (!this.#supported) return;
    try {
      const notification = new Notification({ title, body });
      this.#alive.add(notification);
      notification.on("click", () => this.#onClick(route));
      notification.on("close", () => this.#alive.delete(notification));
      notification.on("failed", (_event, error) => this.#failed(title, error));
      notification.on("show", () => {
        this.#failing = false;
        this.#log.write({ level: "info", event: "notification", reason: `${title}: ${body}` });
      });
      notification.show();
      for (const old of [...this.#alive].slice(0, -50)) this.#alive.delete(old);
    } catch (error) {
      this.#failed(title, messageOf(error));
    }
  }

  /** Said once until one succeeds: a desktop without notifications would fill the log. */
  #failed(title: string, why: string): void {
    if (this.#failing) return;
    this.#failing = true;
    const reason = why === "" ? "this desktop has nothing that shows notifications" : why;
    this.#log.write({
      level: "warn",
      event: "notification",
      reason: `The notification "${title}" was not shown: ${reason}.`,
    });
  }
}
