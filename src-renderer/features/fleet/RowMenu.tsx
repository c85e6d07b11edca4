import { Menu } from "@mantine/core";
import { Copy, ExternalLink, LogOut, Pause, Pencil, Play, Square, Trash2 } from "lucide-react";
import { useLocation } from "wouter";
import { actOnBots } from "../../components/bot-actions.tsx";
import { isApplicable } from "../../components/bot-verbs.ts";
import type { BotVerb } from "../../components/bot-verbs.ts";
import { useBots } from "../../state/bots.ts";
import { openBotForm } from "../bot-form/form-store.ts";
import { useFleet } from "./fleet-store.ts";

const ICON = 14;

/** One menu for all rows, opened where the row's button or the right click was. */
export function RowMenu() {
  const menu = useFleet((s) => s.menu);
  const bot = useBots((s) => (menu ? s.byId.get(menu.id) : undefined));
  const [, navigate] = useLocation();
  if (!menu || !bot) return null;
  const item = (verb: BotVerb, label: string, icon: React.ReactNode) => (
    <Menu.Item
      leftSection={icon}
      disabled={!isApplicable(verb, bot)}
      onClick={() => actOnBots(verb, [bot])}
      data-testid={`menu-${verb}`}
      {...(verb === "delete" ? { color: "var(--bad)" } : {})}
    >
      {label}
    </Menu.Item>
  );
  return (
    <Menu
      opened
      onClose={() => useFleet.setState({ menu: null })}
      position="bottom-end"
      width={180}
      offset={2}
    >
      <Menu.Target>
        <div style={{ position: "fixed", left: menu.x, top: menu.y, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<ExternalLink size={ICON} />}
          onClick={() => navigate(`/bots/${encodeURIComponent(bot.id)}`)}
          data-testid="menu-open"
        >
          Open
        </Menu.Item>
        <Menu.Divider />
        {item("start", "Start", <Play size={ICON} />)}
        {item("pause", "Pause", <Pause size={ICON} />)}
        {item("resume", "Resume", <Play size={ICON} />)}
        {item("stop", "Stop", <Square size={ICON} />)}
        {item("close", "Close position", <LogOut size={ICON} />)}
        <Menu.Divider />
        <Menu.Item
          leftSection={<Pencil size={ICON} />}
          onClick={() => openBotForm({ mode: "edit", bot })}
          data-testid="menu-edit"
        >
          Edit
        </Menu.Item>
        <Menu.Item
          leftSection={<Copy size={ICON} />}
          onClick={() => openBotForm({ mode: "clone", bot })}
          data-testid="menu-clone"
        >
          Clone
        </Menu.Item>
        {item("delete", "Delete", <Trash2 size={ICON} />)}
      </Menu.Dropdown>
    </Menu>
  );
}
