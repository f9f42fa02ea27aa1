// Values as Grafana words and colours them: units, value mappings, thresholds, legends.

import type { FieldDefaults, Mapping, Panel, Step } from '../dashboard.js';
import type { Cell } from './frame.js';

const colors: Record<string, string> = {
  green: '#73bf69',
  orange: '#ff9830',
  red: '#f2495c',
  'dark-red': '#c4162a',
  blue: '#5794f2',
  purple: '#b877d9',
  text: '#ccccdc',
};
export const palette = ['#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#705da0', '#37872d', '#fade2a'];

export function colored(name: string): string {
  const color = colors[name];
  if (color === undefined) throw new Error(`the preview does not know the colour ${name}`);
  return color;
}

const trimmed = (value: number, decimals: number | undefined, most = 2): string =>
  decimals !== undefined ? value.toFixed(decimals) : String(Number(value.toFixed(Math.abs(value) >= 100 ? Math.min(most, 1) : most)));

function scaled(value: number, decimals: number | undefined, base: number, names: string[]): string {
  let step = 0;
  let rest = value;
  while (Math.abs(rest) >= base && step < names.length - 1) {
    rest /= base;
    step += 1;
  }
  return `${trimmed(rest, decimals)}${names[step]}`;
}

function duration(seconds: number, decimals: number | undefined): string {
  const size = Math.abs(seconds);
  const [unit, name] =
    size === 0 ? [1, 's'] : size < 1e-3 ? [1e-6, 'µs'] : size < 1 ? [1e-3, 'ms'] : size < 60 ? [1, 's'] : size < 3600 ? [60, 'min'] : size < 86_400 ? [3600, 'hour'] : [86_400, 'day'];
  return `${trimmed(seconds / (unit as number), decimals)} ${name}`;
}

const ago = (milliseconds: number): string => {
  const seconds = (Date.now() - milliseconds) / 1000;
  return seconds < 45 ? 'a few seconds ago' : seconds < 90 ? 'a minute ago' : `${Math.round(seconds / 60)} minutes ago`;
};

export function inUnit(value: number, unit = 'none', decimals?: number): string {
  if (unit.startsWith('suffix:')) return `${trimmed(value, decimals)} ${unit.slice('suffix:'.length)}`;
  switch (unit) {
    case 'none':
      return trimmed(value, decimals);
    case 'short':
      return scaled(value, decimals, 1000, ['', ' K', ' Mil', ' Bil']);
    case 'bytes':
      return scaled(value, decimals, 1024, [' B', ' KiB', ' MiB', ' GiB']);
    case 'cps':
      return `${trimmed(value, decimals)} c/s`;
    case 'percentunit':
      return `${trimmed(value * 100, decimals, 1)}%`;
    case 's':
      return duration(value, decimals);
    case 'dateTimeAsIso':
      return new Date(value).toISOString().slice(0, 19).replace('T', ' ');
    case 'dateTimeFromNow':
      return ago(value);
    default:
      throw new Error(`the preview does not know the unit ${unit}`);
  }
}

const ofStep = (value: number, steps: Step[]): string =>
  [...steps].reverse().find((step) => step.value === null || value >= step.value)?.color ?? 'text';

export interface Shown {
  text: string;
  color: string;
}

/** A value in the words and the colour of its field. */
export function shown(value: Cell | undefined, field: FieldDefaults): Shown {
  if (value === null || value === undefined || Number.isNaN(value)) return { text: field.noValue ?? '', color: colored('text') };
  const mapped = field.mappings?.map((mapping: Mapping) => mapping.options[String(value)]).find((one) => one !== undefined);
  if (mapped !== undefined) return { text: mapped.text ?? String(value), color: colored(mapped.color ?? 'text') };
  if (typeof value === 'string') return { text: value, color: colored('text') };
  return { text: inUnit(value, field.unit, field.decimals), color: colored(ofStep(value, field.thresholds?.steps ?? [])) };
}

/** How the column `name` of a panel is shown: the panel's defaults, and what an override says about it. */
export function fieldOf(panel: Panel, name: string): FieldDefaults & { cell: string; width?: number } {
  const field: FieldDefaults & { cell: string; width?: number } = {
    ...panel.fieldConfig!.defaults,
    cell: panel.fieldConfig!.defaults.custom?.cellOptions?.type ?? 'auto',
  };
  const overrides = panel.fieldConfig!.overrides.filter(({ matcher }) => matcher.id === 'byName' && matcher.options === name);
  for (const { id, value } of overrides.flatMap(({ properties }) => properties)) {
    if (id === 'custom.cellOptions') field.cell = (value as { type: string }).type;
    else if (id === 'custom.width') field.width = value as number;
    else Object.assign(field, { [id]: value });
  }
  return field;
}

export function legend(format: string | undefined, labels: Record<string, string>, letter: string): string {
  if (format) return format.replace(/\{\{\s*([^}\s]+)\s*\}\}/g, (_, name: string) => labels[name] ?? '');
  const rest = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return rest.length > 0 ? `{${rest.join(', ')}}` : letter;
}

export const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
