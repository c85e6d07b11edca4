/**
 * Draws the application's and the tray's icons and writes them as PNG beside this file: `node resources/render-icons.mjs`. Needs
 * a Chromium (CHROMIUM, else the one on the path), as SVG is rendered by it. The PNGs are committed; the build runs nothing of this.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Three candles, the last one above a deck: readable from 16 px on. */
const mark = (colour) => `
  <g fill="${colour}">
    <rect x="4" y="11" width="4" height="7" rx="1"/><rect x="5.5" y="8.5" width="1" height="12"/>
    <rect x="10" y="7" width="4" height="8" rx="1"/><rect x="11.5" y="4.5" width="1" height="13"/>
    <rect x="16" y="4" width="4" height="7" rx="1"/><rect x="17.5" y="1.5" width="1" height="12.5"/>
    <rect x="2.5" y="21" width="19" height="1.8" rx="0.9"/>
  </g>`;

const app = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">
  <rect width="48" height="48" rx="10" fill="#151a21"/>
  <rect x="0.5" y="0.5" width="47" height="47" rx="9.5" fill="none" stroke="#27303b"/>
  <g transform="translate(7.2 6.8) scale(1.4)">${mark("#4c9aff")}</g>
</svg>`;

// Each state has a shape of its own in the corner beside its colour. Middle tones: seen on dark and on light bars.
const TRAY = {
  ok: { colour: "#2fa77f", badge: "" },
  paused: {
    colour: "#d99a2b",
    badge:
      '<rect x="15" y="14.5" width="2.6" height="7.5"/><rect x="19.6" y="14.5" width="2.6" height="7.5"/>',
  },
  error: {
    colour: "#e5533d",
    badge:
      '<rect x="17.2" y="12.5" width="3" height="6" rx="0.8"/><circle cx="18.7" cy="21" r="1.7"/>',
  },
  stopped: { colour: "#8a95a1", badge: '<rect x="15" y="15" width="7" height="7" rx="1"/>' },
  draining: { colour: "#4c8fe0", badge: '<path d="M14.5 15.5h8.5l-4.25 6.5z"/>' },
};

const tray = ({ colour, badge }) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">
  <defs><mask id="m"><rect width="24" height="24" fill="#fff"/>
    ${badge === "" ? "" : '<circle cx="18.7" cy="18.3" r="6.2" fill="#000"/>'}</mask></defs>
  <g mask="url(#m)">${mark(colour)}</g>
  <g fill="${colour}">${badge}</g>
</svg>`;

const jobs = [
  { name: "icon.png", svg: app, size: 256 },
  ...Object.entries(TRAY).flatMap(([state, look]) => [
    { name: `tray-${state}.png`, svg: tray(look), size: 22 },
    { name: `tray-${state}@2x.png`, svg: tray(look), size: 44 },
  ]),
];

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  const page = await browser.newPage();
  for (const { name, svg, size } of jobs) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(
      `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
    );
    writeFileSync(join(import.meta.dirname, name), await page.screenshot({ omitBackground: true }));
  }
} finally {
  await browser.close();
}
