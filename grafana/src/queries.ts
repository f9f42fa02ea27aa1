// What the dashboards ask of Prometheus: the selectors that every query carries, and the ways of asking.
//
// A query is about the exporters chosen above the dashboard (job, instance) and, where its families carry the user's own
// labels, about one owner's part of the estate. "All" owners is the pattern .*, which an absent label matches too: a
// dashboard works where nobody has given out owners.

import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

const selector = (matchers: string[]): string => `{${matchers.join(', ')}}`;
const exporters = ['job=~"$job"', 'instance=~"$instance"'];

/** The chosen exporters: for families that carry no label of the user's. */
export const exporter = (...matchers: string[]): string => selector([...exporters, ...matchers]);

/** The chosen owner's part of what the chosen exporters watch. */
export const estate = (...matchers: string[]): string => selector([...exporters, 'owner=~"$owner"', ...matchers]);

/** The target chosen above the dashboard, as the chosen identities see it. */
export const target = (...matchers: string[]): string =>
  selector([...exporters, 'target=~"$target"', 'identity=~"$identity"', ...matchers]);

export type Query = DataqueryBuilder;

const query = (expr: string): Query => new DataqueryBuilder().datasource(datasource).expr(expr);

/** As of the end of the dashboard's time range: one value a series. */
export const now = (expr: string, legend = ''): Query => query(expr).instant().legendFormat(legend);

/** Over the dashboard's time range: a line a series. */
export const overTime = (expr: string, legend = ''): Query => query(expr).range().legendFormat(legend);

/** As of the end of the time range, a row a series and a column a label. */
export const rows = (expr: string): Query => now(expr).format(PromQueryFormat.Table);

/** The queries of a panel, named A, B, C ... as Grafana wants to tell them apart. */
export const all = (...queries: Query[]): Builder<Dataquery>[] =>
  queries.map((each, index) => each.refId(String.fromCharCode('A'.charCodeAt(0) + index)));

/** A count that is 0, not absent, when nothing matches. */
export const countOf = (expr: string): string => `count(${expr}) or vector(0)`;

/** Series whose meaning is in a label, as one number each, for words and colours. The smallest is shown: give it to the worst. */
export const numbers = (by: string, ...words: [series: string, value: number][]): string =>
  `min by (${by}) (${words.map(([series, value]) => `0 * ${series} + ${value}`).join(' or ')})`;

/** What became of our certificate, in the numbers of `looks.verdicts`. */
export function verdicts(by: string, select: (...matchers: string[]) => string): string {
  const verdict = (word: string): string => `mtls_client_certificate_verdict${select(`verdict="${word}"`)}`;
  return numbers(
    by,
    [verdict('rejected'), 0],
    [`(mtls_target_reachable${select()} == 0)`, 1],
    [verdict('unconfirmed'), 2],
    [verdict('not_requested'), 3],
    [verdict('accepted'), 4],
  );
}
