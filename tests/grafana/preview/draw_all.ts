// draw_all.js DASHBOARDS PROMETHEUS FROM FOLDER: a picture of each dashboard, FOLDER/UID.png, of the time from FROM (seconds since
// 1970) until now. This is not Grafana: it reads the same JSON, asks the same queries and draws the same kinds of panel at the same
// places, so that a person can judge what a dashboard says and where. Debian's Chromium takes the picture.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { asking, type Choices } from '../ask.js';
import { dashboardsIn } from '../dashboard.js';
import { picture, width } from './page.js';

/** The target whose dashboard is drawn: it refuses one of our identities and accepts the other. */
const target = 'partners';

function photographed(html: string, png: string, height: number): void {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  try {
    rmSync(png, { force: true });
    const run = spawnSync(
      'chromium',
      // The page is our own file: the sandbox would want privileges that a container does not give.
      ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', `--user-data-dir=${profile}`, `--window-size=${width},${height}`, `--screenshot=${png}`, `file://${html}`],
      { encoding: 'utf8', timeout: 60_000 },
    );
    if (run.status !== 0 || !statSync(png, { throwIfNoEntry: false })?.size) throw new Error(`no picture: ${run.error ?? ''}${run.stderr}`);
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const [folder, address, from, out] = process.argv.slice(2);
  if (folder === undefined || address === undefined || from === undefined || out === undefined) {
    console.error('draw_all: DASHBOARDS PROMETHEUS FROM FOLDER');
    process.exit(2);
  }
  mkdirSync(out, { recursive: true });
  const span = { from: Number(from), to: Math.floor(Date.now() / 1000) };
  const step = Math.max(1, Math.floor((span.to - span.from) / 60));
  for (const dashboard of dashboardsIn(folder)) {
    const choices: Choices = dashboard.uid === 'mtls-target' ? { target } : {};
    const { html, height } = await picture(dashboard, asking(address, { ...span, step }), choices, span);
    const base = resolve(out, dashboard.uid);
    writeFileSync(`${base}.html`, html);
    photographed(`${base}.html`, `${base}.png`, height);
    console.log(`drawn: ${base}.png`);
  }
}

main().catch((error) => {
  console.error(`draw_all: ${error.stack ?? error}`);
  process.exit(1);
});
