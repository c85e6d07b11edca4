import type { Protocol, Session } from "electron";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const SCHEME = "tickdeck";
const ORIGIN = `${SCHEME}://app`;
/** Address of the one page; routes stand in its fragment. */
export const PAGE = `${ORIGIN}/index.html`;

// 'unsafe-inline' for styles alone: the component library sets its theme's variables in a style element.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** To be called before the app is ready. A scheme of our own has an origin, unlike file:, and reads one folder only. */
export function registerScheme(protocol: Protocol): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Serves the built window from `folder`, with the policy in each answer's header. */
export function servePage(session: Session, folder: string): void {
  session.protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    // URL has resolved "..", decoding may bring it back.
    const path = normalize(decodeURIComponent(url.pathname));
    const type = TYPES[extname(path)];
    if (
      url.host !== "app" ||
      type === undefined ||
      path.includes("..") ||
      request.method !== "GET"
    ) {
      return new Response(null, { status: 404 });
    }
    try {
      return new Response(await readFile(join(folder, path)), {
        headers: {
          "Content-Type": type,
          "Content-Security-Policy": POLICY,
          "X-Content-Type-Options": "nosniff",
        },
      });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
}

/** Nothing is asked of the machine but to put text on the clipboard, and that by our page alone. */
export function denyPermissions(session: Session): void {
  const allowed = (permission: string, origin: string): boolean =>
    permission === "clipboard-sanitized-write" && origin.startsWith(ORIGIN);
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(allowed(permission, contents.getURL()));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => allowed(permission, origin));
  session.setDevicePermissionHandler(() => false);
}
