import { Link, useLocation } from "wouter";
import { PAGES } from "./pages.ts";
import classes from "./shell.module.css";

/** A bot's page belongs to the fleet. */
const isCurrent = (route: string, location: string): boolean =>
  route === "/" ? location === "/" || location.startsWith("/bots/") : location.startsWith(route);

export function Rail() {
  const [location] = useLocation();
  return (
    <nav className={classes.rail} aria-label="Pages">
      <div className={classes.mark}>
        <svg width="24" height="24" viewBox="0 0 24 24" role="img" aria-label="Tickdeck">
          <path
            d="M5 4v16M5 9h4M12 4v16M12 14h4M19 4v16"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeLinecap="round"
          />
        </svg>
      </div>
      {PAGES.map(({ id, label, route, icon: Icon }) => (
        <Link
          key={id}
          href={route}
          className={id === "settings" ? `${classes.link} ${classes.bottom}` : (classes.link ?? "")}
          aria-current={isCurrent(route, location) ? "page" : undefined}
          data-testid={`nav-${id}`}
        >
          <Icon size={18} aria-hidden="true" />
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  );
}
