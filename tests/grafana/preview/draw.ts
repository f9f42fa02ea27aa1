// The bodies of panels, as HTML: one function a kind of panel.

import type { Series } from '../ask.js';
import type { Panel } from '../dashboard.js';
import { tableOf } from './frame.js';
import { escaped, fieldOf, inUnit, legend, palette, shown } from './words.js';

export interface Body {
  panel: Panel;
  found: Map<string, Series[]>;
  span: { from: number; to: number };
  width: number;
  height: number;
}

interface Line {
  name: string;
  points: [number, number][];
}

const linesOf = ({ panel, found }: Body): Line[] =>
  (panel.targets ?? []).flatMap((target) =>
    (found.get(target.refId) ?? []).map(({ labels, points }) => ({ name: legend(target.legendFormat, labels, target.refId), points })),
  );

const nothing = ({ panel }: Body): string => `<div class="nothing">${escaped(panel.fieldConfig?.defaults.noValue ?? 'No data')}</div>`;

function stat(body: Body): string {
  const lines = linesOf(body);
  if (lines.length === 0) return nothing(body);
  const named = body.panel.options?.textMode === 'value_and_name';
  const values = lines.map((line) => {
    const { text, color } = shown(line.points.at(-1)![1], body.panel.fieldConfig!.defaults);
    const size = Math.min(body.height * (named ? 0.4 : 0.55), (body.width / lines.length - 12) / (text.length * 0.72), 56);
    const name = named ? `<div class="under">${escaped(line.name)}</div>` : '';
    return `<div style="color:${color};font-size:${size}px">${escaped(text)}${name}</div>`;
  });
  return `<div class="stat">${values.join('')}</div>`;
}

function bars(body: Body): string {
  const lines = linesOf(body);
  if (lines.length === 0) return nothing(body);
  const field = body.panel.fieldConfig!.defaults;
  const largest = field.max ?? Math.max(...lines.map((line) => line.points.at(-1)![1]), 1e-9);
  const height = Math.min(30, body.height / lines.length - 4);
  const one = ({ name, points }: Line): string => {
    const value = points.at(-1)![1];
    const { text, color } = shown(value, field);
    const share = Math.max(0, Math.min(1, (value - (field.min ?? 0)) / (largest - (field.min ?? 0) || 1)));
    return `<div class="bar" style="height:${height}px"><span class="name">${escaped(name)}</span>
      <span class="trough"><span style="width:${share * 100}%;background:${color}"></span></span>
      <span class="value" style="color:${color}">${escaped(text)}</span></div>`;
  };
  return `<div class="bars">${lines.map(one).join('')}</div>`;
}

function table(body: Body): string {
  const frame = tableOf(body.panel, body.found);
  if (frame.rows.length === 0) return nothing(body);
  const fields = new Map(frame.names.map((name) => [name, fieldOf(body.panel, name)]));
  const head = frame.names.map((name) => {
    const width = fields.get(name)!.width;
    return `<th${width === undefined ? '' : ` style="width:${width}px"`}>${escaped(name)}</th>`;
  });
  const cell = (name: string, row: Map<string, string | number | null>): string => {
    const field = fields.get(name)!;
    const value = row.get(name);
    const { text, color } = shown(value, field);
    const style = field.cell === 'color-background' && value !== null ? `background:${color};color:#111` : field.cell === 'color-text' ? `color:${color}` : '';
    const link = 'links' in field ? ' class="link"' : '';
    return `<td style="${style}"><span${link}>${escaped(text)}</span></td>`;
  };
  const rows = frame.rows.map((row) => `<tr>${frame.names.map((name) => cell(name, row)).join('')}</tr>`);
  return `<table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);

const legendOf = (lines: { name: string; color: string }[]): string =>
  `<div class="legend">${lines.map(({ name, color }) => `<span><i style="background:${color}"></i>${escaped(name)}</span>`).join('')}</div>`;

/** Round numbers between two values, about four of them. */
function ticks(from: number, to: number): number[] {
  const rough = (to - from || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step + 1e-9) + 1 }, (_, index) => Number((first + index * step).toPrecision(12)));
}

/** Each line on top of those before it: areas that add up. */
function piled(lines: Line[]): (Line & { base: Map<number, number> })[] {
  const height = new Map<number, number>();
  return lines.map((line) => {
    const base = new Map(height);
    const points = line.points.map(([time, value]): [number, number] => {
      const top = (height.get(time) ?? 0) + value;
      height.set(time, top);
      return [time, top];
    });
    return { ...line, points, base };
  });
}

function timeSeries(body: Body): string {
  const field = body.panel.fieldConfig!.defaults;
  const plain = linesOf(body);
  if (plain.length === 0) return nothing(body);
  const stacking = field.custom?.stacking?.mode === 'normal';
  const lines = stacking ? piled(plain) : plain.map((line) => ({ ...line, base: new Map<number, number>() }));
  const values = lines.flatMap((line) => line.points.map((point) => point[1]));
  const low = field.min ?? (stacking ? 0 : Math.min(...values, field.custom?.axisSoftMin ?? Infinity));
  const high = Math.max(...values) > low ? Math.max(...values) : low + 1;
  const legendHeight = 22 * Math.min(3, Math.ceil(plain.reduce((sum, line) => sum + line.name.length * 6.5 + 30, 0) / body.width));
  const [left, bottom] = [70, body.height - legendHeight - 22];
  const x = (time: number): number => left + ((time - body.span.from) / (body.span.to - body.span.from)) * (body.width - left - 10);
  const y = (value: number): number => bottom - ((value - low) / (high - low)) * (bottom - 8);
  const grid = ticks(low, high).map(
    (value) => `<line x1="${left}" x2="${body.width}" y1="${y(value)}" y2="${y(value)}"/><text x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${escaped(inUnit(value, field.unit))}</text>`,
  );
  const times = [0.1, 0.37, 0.63, 0.9].map((share) => {
    const time = body.span.from + share * (body.span.to - body.span.from);
    return `<text x="${x(time)}" y="${bottom + 16}" text-anchor="middle">${clock(time)}</text>`;
  });
  const drawn = lines.map(({ points, base }, index) => {
    const color = palette[index % palette.length];
    const over = points.map(([time, value]) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`);
    const under = [...points].reverse().map(([time]) => `${x(time).toFixed(1)},${y(stacking ? (base.get(time) ?? 0) : low).toFixed(1)}`);
    return `<polygon points="${[...over, ...under].join(' ')}" fill="${color}" opacity="${(field.custom?.fillOpacity ?? 0) / 100}"/>
      <polyline points="${over.join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
  });
  return `<svg width="${body.width}" height="${body.height - legendHeight}">${grid.join('')}${times.join('')}${drawn.join('')}</svg>
    ${legendOf(plain.map(({ name }, index) => ({ name, color: palette[index % palette.length]! })))}`;
}

/** Stretches of one value: a gap of more than two steps ends one. */
function stretches(points: [number, number][], step: number): { from: number; to: number; value: number }[] {
  const found: { from: number; to: number; value: number }[] = [];
  for (const [time, value] of points) {
    const last = found.at(-1);
    if (last !== undefined && last.value === value && time - last.to <= 2 * step) last.to = time;
    else {
      if (last !== undefined && time - last.to <= 2 * step) last.to = time;
      found.push({ from: time, to: time, value });
    }
  }
  return found;
}

function states(body: Body): string {
  const lines = linesOf(body);
  if (lines.length === 0) return nothing(body);
  const field = body.panel.fieldConfig!.defaults;
  const step = Math.max(1, (body.span.to - body.span.from) / 60);
  const left = 190;
  const rowHeight = (body.height - 46) / lines.length;
  const x = (time: number): number => left + ((time - body.span.from) / (body.span.to - body.span.from)) * (body.width - left - 10);
  const row = ({ name, points }: Line, index: number): string => {
    const top = index * rowHeight + 2;
    const boxes = stretches(points, step).map(({ from, to, value }) => {
      const { text, color } = shown(value, field);
      const width = Math.max(2, x(to) - x(from));
      const label = width > text.length * 8 ? `<text x="${x(from) + 6}" y="${top + rowHeight / 2 + 3}" class="dark">${escaped(text)}</text>` : '';
      return `<rect x="${x(from)}" y="${top}" width="${width}" height="${rowHeight * 0.88}" fill="${color}" opacity="0.8"/>${label}`;
    });
    return `<text x="${left - 8}" y="${top + rowHeight / 2 + 3}" text-anchor="end">${escaped(name)}</text>${boxes.join('')}`;
  };
  const times = [0.1, 0.37, 0.63, 0.9].map((share) => {
    const time = body.span.from + share * (body.span.to - body.span.from);
    return `<text x="${x(time)}" y="${body.height - 28}" text-anchor="middle">${clock(time)}</text>`;
  });
  const meanings = Object.values(field.mappings?.[0]?.options ?? {}).map(({ text, color }) => ({ name: text ?? '', color: shown(0, { ...field, mappings: [{ type: 'value', options: { 0: { text: text ?? '', color: color ?? 'text' } } }] }).color }));
  return `<svg width="${body.width}" height="${body.height - 22}">${lines.map(row).join('')}${times.join('')}</svg>${legendOf(meanings)}`;
}

const kinds: Record<string, (body: Body) => string> = { stat, bargauge: bars, table, timeseries: timeSeries, 'state-timeline': states };

export function drawn(body: Body): string {
  const kind = kinds[body.panel.type];
  if (kind === undefined) throw new Error(`"${body.panel.title}": the preview does not know the panel ${body.panel.type}`);
  return kind(body);
}
