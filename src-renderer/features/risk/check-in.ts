import { notifications } from "@mantine/notifications";
import { formatDateTime } from "../../format/time.ts";
import { ask } from "../../state/bridge.ts";
import { useSettings } from "../../state/settings.ts";

/** Tells the dead man's switch that the trader is there, and says until when that holds. */
export async function checkIn(): Promise<void> {
  const answer = await ask("risk:check-in", undefined);
  if (!answer.ok) {
    notifications.show({ color: "danger", title: "Not checked in", message: answer.error.message });
    return;
  }
  const zone = useSettings.getState().settings?.timeZone ?? "utc";
  const next = answer.value?.next ?? null;
  notifications.show({
    message:
      next === null
        ? "Checked in."
        : `Checked in; the next is due by ${formatDateTime(next.at, zone)}.`,
  });
}
