import {
  CandlestickChart,
  CalendarClock,
  Database,
  LayoutList,
  ScrollText,
  Settings,
  ShieldAlert,
} from "lucide-react";

/** The rail's pages, in its order. */
export const PAGES = [
  { id: "fleet", label: "Fleet", route: "/", icon: LayoutList },
  { id: "schedule", label: "Schedule", route: "/schedule", icon: CalendarClock },
  { id: "positions", label: "Positions", route: "/positions", icon: CandlestickChart },
  { id: "risk", label: "Risk", route: "/risk", icon: ShieldAlert },
  { id: "data", label: "Data", route: "/data", icon: Database },
  { id: "logs", label: "Logs", route: "/logs", icon: ScrollText },
  { id: "settings", label: "Settings", route: "/settings", icon: Settings },
] as const;
