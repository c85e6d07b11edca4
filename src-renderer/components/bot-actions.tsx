import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import type { BotView, BulkOutcome } from "../../src-preload/contract/bots.ts";
import { plural } from "../format/numbers.ts";
import { ask } from "../state/bridge.ts";
import { useBots } from "../state/bots.ts";
import { nameOfBots, VERBS } from "./bot-verbs.ts";
import type { BotVerb } from "./bot-verbs.ts";

function RefusedList({ refused }: { readonly refused: BulkOutcome["refused"] }) {
  const { byId } = useBots.getState();
  return (
    <ul
      className="selectable"
      style={{ margin: "8px 0 0", paddingLeft: 20, maxHeight: 240, overflow: "auto" }}
    >
      {refused.map(({ id, reason }) => (
        <li key={id}>
          <b>{byId.get(id)?.config.name ?? id}</b>: {reason}
        </li>
      ))}
    </ul>
  );
}

async function send(verb: BotVerb, ids: readonly string[]): Promise<void> {
  const words = VERBS[verb];
  const answer = await ask(`bots:${verb}`, { ids: [...ids] });
  if (!answer.ok) {
    notifications.show({
      color: "danger",
      title: `${words.verb} ${plural(ids.length, "bot")}: refused`,
      message: answer.error.message,
      autoClose: false,
    });
    return;
  }
  const { done, refused } = answer.value;
  if (refused.length > 0) {
    modals.open({
      title: `${words.verb}: ${done} done, ${refused.length} refused`,
      children: <RefusedList refused={refused} />,
    });
  } else {
    notifications.show({ message: `${words.past} ${plural(done, "bot")}.` });
  }
}

/**
 * Sends an action for these bots. Stop, pause and delete ask first and say what will happen; what was
 * refused is shown bot by bot.
 */
export function actOnBots(verb: BotVerb, bots: readonly BotView[]): void {
  if (bots.length === 0) return;
  const words = VERBS[verb];
  const ids = bots.map((bot) => bot.id);
  if (words.warning === null) {
    void send(verb, ids);
    return;
  }
  const open = bots.filter(
    (bot) => bot.position.state !== "FLAT" && bot.position.state !== "CLOSED",
  ).length;
  const label =
    bots.length === 1
      ? (words.button ?? `${words.verb} bot`)
      : `${words.verb} ${plural(bots.length, "bot")}`;
  modals.openConfirmModal({
    title: `${words.verb} ${nameOfBots(bots)}?`,
    children: (
      <>
        <p>{words.warning}</p>
        {open > 0 && verb !== "close" ? (
          <p style={{ marginTop: 8 }}>
            {bots.length === 1
              ? "It holds an open position."
              : `${plural(open, "bot")} of these ${open === 1 ? "holds" : "hold"} an open position.`}
          </p>
        ) : null}
        <p className="dim" style={{ marginTop: 8 }}>
          {words.undo}
        </p>
      </>
    ),
    labels: { confirm: label, cancel: "Cancel" },
    confirmProps: {
      size: "xs",
      ...(verb === "delete" ? { color: "danger" } : {}),
      ...{ "data-testid": "confirm" },
    },
    cancelProps: { size: "xs" },
    onConfirm: () => void send(verb, ids),
  });
}
