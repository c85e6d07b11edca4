import { describe, expect, it } from "vitest";
import { HELP, ownArguments, parseFlags } from "../../../src-main/desktop/flags.ts";

const parse = (...args: string[]) => parseFlags(args, "/home/me");

describe("parseFlags", () => {
  it("reads nothing as the trader's own workspace", () => {
    expect(parse()).toEqual({
      dataDir: null,
      demo: false,
      speed: null,
      screenshot: null,
      quitAfter: null,
      hidden: false,
      route: null,
      windowSize: null,
      theme: null,
      kill: null,
      help: false,
    });
  });

  it("reads values after a space or an equals sign, paths from the working folder", () => {
    expect(
      parse(
        "--demo",
        "--data-dir",
        "desk",
        "--speed=900",
        "--screenshot",
        "/tmp/a.PNG",
        "--quit-after",
        "20",
      ),
    ).toMatchObject({
      demo: true,
      dataDir: "/home/me/desk",
      speed: 900,
      screenshot: "/tmp/a.PNG",
      quitAfter: 20,
    });
    expect(
      parse("--window-size", "1280x800", "--theme=light", "--route", "/bots/7", "--hidden"),
    ).toMatchObject({
      windowSize: { width: 1280, height: 800 },
      theme: "light",
      route: "/bots/7",
      hidden: true,
    });
    expect(parse("--kill", "cancel").kill).toBe("cancel");
  });

  it("lets the runtime have its own switches", () => {
    expect(parse("--no-sandbox", "--disable-gpu", "--ozone-platform=wayland").demo).toBe(false);
  });

  const bad: readonly [string[], RegExp][] = [
    [["--sped", "3"], /^"--sped" is not a flag of Tickdeck/],
    [["desk"], /^"desk" is not a flag/],
    [["--speed", "fast"], /^--speed needs a number from 1 to 1000000, but is "fast"/],
    [["--speed", "0"], /from 1 to/],
    [["--speed", "1e9"], /from 1 to/],
    [["--speed="], /^--speed needs a value/],
    [["--data-dir"], /^--data-dir needs a value/],
    [["--data-dir", "--demo"], /^--data-dir needs a value/],
    [["--demo=yes"], /^--demo takes no value/],
    [["--screenshot", "a.jpg"], /^--screenshot writes a PNG, but the file is "a.jpg"/],
    [["--screenshot", "a.png", "--hidden"], /leave --hidden out/],
    [["--quit-after", "-1"], /^--quit-after needs a number/],
    [["--window-size", "800x600"], /at least 1024x700, but is "800x600"/],
    [["--window-size", "big"], /at least 1024x700/],
    [["--kill"], /^--kill needs a value/],
    [["--kill", "all"], /^--kill is entries, cancel or close, but is "all"/],
    [["--kill", "close", "--screenshot", "a.png"], /leave --screenshot out/],
    [["--theme", "pink"], /^--theme is dark or light, but is "pink"/],
    [["--route", "logs"], /^--route needs a page such as \/logs/],
    [["--route", "/x#y"], /^--route needs a page/],
  ];
  for (const [args, sentence] of bad) {
    it(`refuses ${args.join(" ")} in one sentence`, () => {
      expect(() => parse(...args)).toThrow(sentence);
      expect(() => parse(...args)).toThrow(/^[^\n]+\.$/);
    });
  }

  it("has a line of help for each flag", () => {
    for (const flag of [
      "data-dir",
      "demo",
      "speed",
      "screenshot",
      "quit-after",
      "hidden",
      "route",
      "window-size",
      "theme",
      "kill",
    ]) {
      expect(HELP).toContain(`--${flag}`);
    }
  });
});

describe("ownArguments", () => {
  it("starts after the executable when installed", () => {
    expect(ownArguments(["tickdeck", "--demo"], false)).toEqual(["--demo"]);
  });

  it("starts after the app folder when the runtime was given one", () => {
    expect(ownArguments(["electron", "--no-sandbox", "--inspect=0", ".", "--demo"], true)).toEqual([
      "--demo",
    ]);
  });
});
