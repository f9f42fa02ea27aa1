// A table as Grafana makes one of Prometheus's answers: a row a series, a column a label, then the panel's own transformations.
// Only those that our dashboards use; an unknown one is an error, not a picture that shows something else.

import type { Series } from '../ask.js';
import type { Panel } from '../dashboard.js';

export type Cell = string | number | null;
export interface Frame {
  names: string[];
  rows: Map<string, Cell>[];
}

/** The answer to one query: Time, its labels in order, and its value. */
function frameOf(series: Series[], valueName: string): Frame {
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))].sort();
  return {
    names: series.length === 0 ? [] : ['Time', ...labels, valueName],
    rows: series.map(({ labels: values, points }) => {
      const [time, value] = points.at(-1)!;
      return new Map<string, Cell>([['Time', time], ...labels.map((name): [string, Cell] => [name, values[name] ?? '']), [valueName, value]]);
    }),
  };
}

const conflict = (one: Map<string, Cell>, other: Map<string, Cell>): boolean =>
  [...other].some(([name, value]) => one.has(name) && one.get(name) !== value);

/** Grafana's `merge`: rows that agree in the columns that all frames have, and contradict each other in none, become one. */
function merged(frames: Frame[]): Frame {
  const filled = frames.filter((frame) => frame.names.length > 0);
  const names = [...new Set(filled.flatMap((frame) => frame.names))];
  const keys = names.filter((name) => filled.every((frame) => frame.names.includes(name)));
  const rows: Map<string, Cell>[] = [];
  for (const row of filled.flatMap((frame) => frame.rows)) {
    const fit = rows.find((one) => keys.every((key) => one.get(key) === row.get(key)) && !conflict(one, row));
    if (fit === undefined) rows.push(new Map(row));
    else for (const [name, value] of row) fit.set(name, value);
  }
  return { names, rows };
}

interface Organize {
  excludeByName: Record<string, boolean>;
  indexByName: Record<string, number>;
  renameByName: Record<string, string>;
}

function organized(frame: Frame, { excludeByName, indexByName, renameByName }: Organize): Frame {
  const at = (name: string): number => indexByName[name] ?? Number.MAX_SAFE_INTEGER;
  const kept = frame.names.filter((name) => !excludeByName[name]).sort((a, b) => at(a) - at(b));
  const head = (name: string): string => renameByName[name] ?? name;
  return {
    names: kept.map(head),
    rows: frame.rows.map((row) => new Map(kept.map((name) => [head(name), row.get(name) ?? null]))),
  };
}

function matrix(frame: Frame, { rowField, columnField, valueField }: Record<string, string>): Frame {
  const columns = [...new Set(frame.rows.map((row) => String(row.get(columnField!))))];
  const corner = `${rowField}\\${columnField}`;
  const rows = new Map<Cell, Map<string, Cell>>();
  for (const row of frame.rows) {
    const name = row.get(rowField!) ?? null;
    if (!rows.has(name)) rows.set(name, new Map([[corner, name], ...columns.map((column): [string, Cell] => [column, null])]));
    rows.get(name)!.set(String(row.get(columnField!)), row.get(valueField!) ?? null);
  }
  return { names: [corner, ...columns], rows: [...rows.values()] };
}

/** Nothing stands before everything, as in Grafana. */
function compared(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

function sorted(frame: Frame, by: { displayName: string; desc?: boolean }[]): Frame {
  const rows = [...frame.rows].sort((one, other) => {
    for (const { displayName, desc } of by) {
      const order = compared(one.get(displayName) ?? null, other.get(displayName) ?? null);
      if (order !== 0) return desc ? -order : order;
    }
    return 0;
  });
  return { names: frame.names, rows };
}

/** What a table panel shows of its answers. */
export function tableOf(panel: Panel, found: Map<string, Series[]>): Frame {
  const single = found.size === 1;
  const frames = [...found].map(([letter, series]) => frameOf(series, single ? 'Value' : `Value #${letter}`));
  let frame = single ? frames[0]! : { names: [], rows: [] };
  for (const { id, options } of panel.transformations ?? []) {
    if (id === 'merge') frame = merged(frames);
    else if (id === 'organize') frame = organized(frame, options as unknown as Organize);
    else if (id === 'groupingToMatrix') frame = matrix(frame, options as Record<string, string>);
    else throw new Error(`"${panel.title}": the preview does not know the transformation ${id}`);
  }
  return sorted(frame, panel.options?.sortBy ?? []);
}
