import { ActionIcon, Popover } from "@mantine/core";
import { Bell } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { formatTime } from "../format/time.ts";
import { useZone } from "../state/settings.ts";
import { markSignalsSeen, useSignals } from "../state/signals.ts";
import { Empty } from "./Message.tsx";
import classes from "./page-header.module.css";

/** The signals of this session, newest first; a click opens the bot. */
export function SignalBell() {
  const notices = useSignals((s) => s.notices);
  const unseen = useSignals((s) => s.unseen);
  const zone = useZone();
  const [opened, setOpened] = useState(false);
  const [, navigate] = useLocation();
  const toggle = (): void => {
    setOpened(!opened);
    markSignalsSeen();
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus>
      <Popover.Target>
        <span className={classes.bell}>
          <ActionIcon
            onClick={toggle}
            aria-label={unseen > 0 ? `Signals, ${unseen} new` : "Signals"}
            data-testid="signals"
          >
            <Bell size={16} />
          </ActionIcon>
          {unseen > 0 ? (
            <span className={classes.count}>{unseen > 99 ? "99+" : unseen}</span>
          ) : null}
        </span>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.list}>
          {notices.length === 0 ? (
            <Empty title="No signals yet">Entries and exits of running bots are listed here.</Empty>
          ) : (
            notices.map((notice) => (
              <button
                key={notice.id}
                type="button"
                className={classes.notice}
                onClick={() => {
                  setOpened(false);
                  navigate(`/bots/${encodeURIComponent(notice.botId)}`);
                }}
              >
                <span className={classes.noticeTitle}>
                  <span>{notice.title}</span>
                  <span className="dim">{formatTime(notice.time, zone)}</span>
                </span>
                <span className="dim">{notice.body}</span>
              </button>
            ))
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
