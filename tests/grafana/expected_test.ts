// expected_test.js DASHBOARDS EXPECTED PROMETHEUS: every query of every dashboard, asked of a real Prometheus that scrapes a real
// estate, answers what the table says. The table's columns, parted by tabs:
//
//   dashboard   its uid, with choices where it needs some: mtls-target?target=billing
//   panel       its title
//   query       its letter
//   series      the labels of one series that must be there, all of them: target=billing,identity=watcher; `*` is any value,
//               `;` in a value stands for a comma; `-` is the series without labels
//   value       a number, or a range: 5.9..6.1, 0.. ; or `none`: nothing may be answered
//   why         in words, where it is not plain
//
// The estate needs some seconds until everything has been seen: all of it is asked again, for a while, until one round is as expected.

import { readFileSync } from 'node:fs';

import { asking, type Choices, type Series } from './ask.js';
import { dashboardsIn, shownPanels, type Dashboard, type Panel, type Target } from './dashboard.js';

interface Row {
  line: number;
  page: string;
  panel: string;
  query: string;
  series: string;
  value: string;
}

const rowsOf = (file: string): Row[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'))
    .map(({ text, line }) => {
      const [page, panel, query, series, value] = text.split('\t');
      if (page === undefined || panel === undefined || query === undefined || series === undefined || value === undefined) {
        throw new Error(`line ${line}: five columns are needed, parted by tabs: ${text}`);
      }
      return { line, page, panel, query, series, value };
    });

/** mtls-target?target=billing&owner=web: the dashboard and what is chosen above it. */
function pageOf(page: string): { uid: string; choices: Choices } {
  const [uid, query] = page.split('?');
  return { uid: uid!, choices: { job: 'mtls', ...Object.fromEntries(new URLSearchParams(query ?? '')) } };
}

const labelsOf = (series: string): Record<string, string> =>
  series === '-' ? {} : Object.fromEntries(series.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1).replace(/;/g, ',')]));

function isLabelled(series: Series, wanted: Record<string, string>): boolean {
  const names = Object.keys(series.labels).sort();
  return (
    names.join() === Object.keys(wanted).sort().join() &&
    names.every((name) => wanted[name] === '*' || wanted[name] === series.labels[name])
  );
}

function isWithin(value: number | undefined, wanted: string): boolean {
  if (value === undefined) return false;
  const [from, to] = wanted.split('..');
  if (to === undefined) return value === Number(wanted);
  return value >= Number(from) && (to === '' || value <= Number(to));
}

const inWords = (found: Series[]): string =>
  found.length === 0
    ? 'nothing'
    : found.map(({ labels, points }) => `${Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(',') || '-'} ${points.at(-1)?.[1]}`).join('\n    ');

/** What is wrong with an answer, in words; empty when nothing is. */
function complaint(row: Row, found: Series[]): string {
  if (row.value === 'none') return found.length === 0 ? '' : `nothing was expected, and there is:\n    ${inWords(found)}`;
  const wanted = labelsOf(row.series);
  const matching = found.filter((series) => isLabelled(series, wanted));
  if (matching.some((series) => isWithin(series.points.at(-1)?.[1], row.value))) return '';
  return `${row.series} ${row.value} was expected, and there is:\n    ${inWords(found)}`;
}

const [folder, table, address] = process.argv.slice(2);
if (folder === undefined || table === undefined || address === undefined) {
  console.error('expected_test: DASHBOARDS EXPECTED PROMETHEUS');
  process.exit(2);
}

const dashboards = new Map(dashboardsIn(folder).map((dashboard) => [dashboard.uid, dashboard]));

function asked(row: Row): { dashboard: Dashboard; panel: Panel; target: Target; choices: Choices } {
  const { uid, choices } = pageOf(row.page);
  const dashboard = dashboards.get(uid);
  const panels = dashboard === undefined ? [] : shownPanels(dashboard).filter((one) => one.title === row.panel);
  const target = panels.flatMap((one) => one.targets ?? []).find((one) => one.refId === row.query);
  if (dashboard === undefined || target === undefined) throw new Error(`line ${row.line}: there is no query ${row.query} in "${row.panel}" of ${uid}`);
  return { dashboard, panel: panels[0]!, target, choices };
}

function withoutRow(rows: Row[]): string[] {
  const covered = new Set(rows.map((row) => asked(row).target));
  return [...dashboards.values()].flatMap((dashboard) =>
    shownPanels(dashboard).flatMap((panel) =>
      (panel.targets ?? []).filter((target) => !covered.has(target)).map((target) => `${dashboard.uid}\t${panel.title}\t${target.refId}`),
    ),
  );
}

async function wrong(row: Row): Promise<string> {
  const { dashboard, target, choices } = asked(row);
  const now = Date.now() / 1000;
  const ask = asking(address!, { from: now - 30, to: now, step: 5 });
  try {
    return complaint(row, await ask(dashboard, target, choices));
  } catch (error) {
    return String(error);
  }
}

async function main(): Promise<number> {
  const rows = rowsOf(table!);
  const missing = withoutRow(rows);
  if (missing.length > 0) console.log(`FAILED: queries without a line in ${table}:\n  ${missing.join('\n  ')}`);

  // All of them in one round: what is expected to be absent is absent before anything has been seen, too.
  const deadline = Date.now() + 60_000;
  let open: { row: Row; words: string }[];
  for (;;) {
    open = [];
    for (const row of rows) {
      const words = await wrong(row);
      if (words !== '') open.push({ row, words });
    }
    if (open.length === 0 || Date.now() > deadline) break;
    await new Promise((wake) => setTimeout(wake, 1000));
  }
  for (const { row, words } of open) console.log(`FAILED: line ${row.line}, ${row.page} "${row.panel}" ${row.query}: ${words}`);
  console.log(`${rows.length} lines: ${rows.length - open.length} as expected, ${open.length} not`);
  return open.length + missing.length === 0 ? 0 : 1;
}

main().then((status) => process.exit(status));
