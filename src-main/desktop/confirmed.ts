import { dialog } from "electron";
import type { Flags } from "./flags.ts";

/** Whether a person is there to answer a question. */
export const attended = ({ hidden, screenshot, quitAfter, kill }: Flags): boolean =>
  !hidden &&
  screenshot === null &&
  quitAfter === null &&
  kill === null &&
  process.env["TICKDECK_UNATTENDED"] !== "1";

/** Asks before what cannot be undone, apart from any window; the way back is the default. */
export async function confirmed(question: {
  readonly message: string;
  readonly detail: string;
  readonly button: string;
}): Promise<boolean> {
  const { message, detail, button } = question;
  const { response } = await dialog.showMessageBox({
    type: "warning",
    title: "Tickdeck",
    message,
    detail,
    buttons: [button, "Cancel"],
    defaultId: 1,
    cancelId: 1,
  });
  return response === 0;
}
