// Asking a real Prometheus what a dashboard asks, as Grafana would: its variables filled in, now or over the time range.

import type { Dashboard, Panel, Target } from './dashboard.js';

export interface Series {
  labels: Record<string, string>;
  /** Seconds since 1970 and the value; one of them for a query as of now. */
  points: [time: number, value: number][];
}

/** What is chosen above a dashboard; a name without a choice stands for everything. */
export type Choices = Record<string, string>;

/** Over which time a dashboard is looked at, in seconds since 1970. */
export interface Span {
  from: number;
  to: number;
  step: number;
}

function filled(expr: string, dashboard: Dashboard, choices: Choices, span: Span): string {
  const everything = Object.fromEntries(dashboard.templating.list.map((one) => [one.name, one.allValue ?? '']));
  const values: Record<string, string> = {
    ...everything,
    ...choices,
    __range: `${Math.max(1, Math.round(span.to - span.from))}s`,
    // Grafana's own definition: four scrapes at least; they are a second apart here.
    __rate_interval: `${Math.max(4, span.step + 1)}s`,
  };
  return expr.replace(/\$([a-z_]+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nothing is chosen for $${name} in ${expr}`);
    return value;
  });
}

interface Answer {
  status: string;
  error?: string;
  data?: { resultType: string; result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[] };
}

async function fetched(url: string, form: Record<string, string>): Promise<Series[]> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), signal: AbortSignal.timeout(20_000) });
  const answer = (await response.json()) as Answer;
  if (answer.status !== 'success' || answer.data === undefined) throw new Error(`${form.query}: ${answer.error}`);
  return answer.data.result.map(({ metric, value, values }) => ({
    labels: metric,
    points: (values ?? (value ? [value] : [])).map(([time, text]) => [time, Number(text)]),
  }));
}

export type Ask = (dashboard: Dashboard, target: Target, choices: Choices) => Promise<Series[]>;

/** Asks the Prometheus at `address` for what a target of a dashboard shows over `span`. */
export const asking =
  (address: string, span: Span): Ask =>
  (dashboard, target, choices) => {
    const query = filled(target.expr, dashboard, choices, span);
    return target.instant
      ? fetched(`${address}/api/v1/query`, { query, time: String(span.to) })
      : fetched(`${address}/api/v1/query_range`, { query, start: String(span.from), end: String(span.to), step: String(span.step) });
  };

/** The answers to all queries of a panel, by their letter. */
export async function answers(ask: Ask, dashboard: Dashboard, panel: Panel, choices: Choices): Promise<Map<string, Series[]>> {
  const found = new Map<string, Series[]>();
  for (const target of panel.targets ?? []) found.set(target.refId, await ask(dashboard, target, choices));
  return found;
}
