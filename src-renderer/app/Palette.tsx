import { Modal, TextInput } from "@mantine/core";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import type { KeyboardEvent } from "react";
import { useLocation } from "wouter";
import { Empty } from "../components/Message.tsx";
import { StateDot } from "../components/StateDot.tsx";
import { useBots } from "../state/bots.ts";
import { PAGES } from "./pages.ts";
import classes from "./shell.module.css";

const SHOWN = 50;

/** Finds pages and bots by any part of their name, symbol or strategy. */
export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const byId = useBots((s) => s.byId);
  const [, navigate] = useLocation();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);

  const hits = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (haystack: string): boolean =>
      words.every((word) => haystack.toLowerCase().includes(word));
    const pages = PAGES.filter((page) => matches(page.label)).map((page) => ({
      key: page.id,
      route: page.route as string,
      label: page.label,
      note: "Page",
      icon: <page.icon size={16} aria-hidden="true" />,
    }));
    const bots = [...byId.values()]
      .filter(({ config }) =>
        matches(`${config.name} ${config.symbol} ${config.strategy} ${config.timeframe}`),
      )
      .map((bot) => ({
        key: bot.id,
        route: `/bots/${encodeURIComponent(bot.id)}`,
        label: bot.config.name,
        note: `${bot.config.symbol} ${bot.config.timeframe}`,
        icon: <StateDot health={bot.health} />,
      }));
    return [...pages, ...bots].slice(0, SHOWN);
  }, [byId, text]);

  const open = (index: number): void => {
    const hit = hits[index];
    if (!hit) return;
    onClose();
    navigate(hit.route);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setActive((now) => Math.min(Math.max(now + step, 0), Math.max(hits.length - 1, 0)));
    } else if (event.key === "Enter") {
      open(active);
    }
  };

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size={560}
      padding="xs"
      yOffset="12vh"
      centered={false}
      aria-label="Find"
    >
      <TextInput
        data-autofocus
        aria-label="Find a page or a bot"
        placeholder="Find a page or a bot"
        leftSection={<Search size={16} aria-hidden="true" />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        data-testid="palette"
      />
      <div className={classes.palette} role="listbox" aria-label="Found">
        {hits.length === 0 ? (
          <Empty title="Nothing found">No page or bot has these words.</Empty>
        ) : null}
        {hits.map((hit, index) => (
          <button
            key={hit.key}
            type="button"
            role="option"
            aria-selected={index === active}
            tabIndex={-1}
            className={classes.hit}
            ref={
              index === active ? (element) => element?.scrollIntoView({ block: "nearest" }) : null
            }
            onMouseMove={() => setActive(index)}
            onClick={() => open(index)}
          >
            {hit.icon}
            <span className="ellipsis spread">{hit.label}</span>
            <span className="dim">{hit.note}</span>
          </button>
        ))}
      </div>
    </Modal>
  );
}
