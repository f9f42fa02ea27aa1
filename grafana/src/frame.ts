// What stands around the panels of every dashboard: its name, the choices above it, the links to the others, to the alerts
// and to their runbooks; and the headings between them.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  ConstantVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type DashboardLink,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';

import { datasource } from './queries.js';

/** Where the runbooks of the alert rules are read; the rules' `runbook_url` begins with the same words. */
const runbooks = 'https://git.example.net/mtls_exporter/blob/main/deploy/runbooks';

const everything = { selected: true, text: 'All', value: '$__all' };

/** A choice among the values of a label; "All" is the pattern `allValue`. */
function choice(name: string, label: string, description: string, query: string, allValue: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(datasource)
    .query({ query, refId: 'PrometheusVariableQueryEditor-VariableQuery' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(allValue)
    .current(everything);
}

const chosen = 'job=~"$job", instance=~"$instance"';

export const ownerChoice = (): QueryVariableBuilder =>
  choice('owner', 'Owner', 'The label `owner`, where the configuration gives it out', `label_values(mtls_certificate_expiry_days{${chosen}}, owner)`, '.*');

export const identityChoice = (): QueryVariableBuilder =>
  choice('identity', 'Identity', 'A client identity of the configuration', `label_values(mtls_identity_usable{${chosen}}, identity)`, '.*');

/** One target, not all of them: its dashboard tells one story. */
export const targetChoice = (): QueryVariableBuilder =>
  choice('target', 'Target', 'The server to look at', `label_values(mtls_probe_success{${chosen}}, target)`, '.+')
    .multi(false)
    .includeAll(false)
    .current({ selected: false, text: '', value: '' });

/** A link in sight beside the choices: the builder's own default hides it in a menu. */
class LinkBuilder extends DashboardLinkBuilder {
  override build(): DashboardLink {
    const { placement: _, ...link } = super.build();
    return link;
  }
}

const toTheOthers = (): LinkBuilder =>
  new LinkBuilder('mTLS')
    .type(DashboardLinkType.Dashboards)
    .tags(['mtls_exporter'])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true)
    .targetBlank(false)
    .icon('external link')
    .tooltip('')
    .url('');

const to = (title: string, url: string, tooltip: string): LinkBuilder =>
  new LinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon('bell')
    .url(url)
    .tooltip(tooltip)
    .targetBlank(true)
    .asDropdown(false)
    .includeVars(false)
    .keepTime(false)
    .tags([]);

/** A heading and the panels below it, as they are read. */
export type Section = { heading: string; panels: Builder<Panel>[] };

export const section = (heading: string, ...panels: Builder<Panel>[]): Section => ({ heading, panels });

/** A dashboard. `uid` is its address: alert rules link to it. */
export function dashboard(
  uid: string,
  title: string,
  description: string,
  choices: QueryVariableBuilder[],
  sections: Section[],
): DashboardBuilder {
  const frame = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['mtls_exporter'])
    .timezone('browser')
    .refresh('1m')
    .time({ from: 'now-24h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(toTheOthers())
    .link(to('Alerts', '/alerting/list?search=Mtls', 'The alert rules and what fires'))
    .link(to('Runbooks', '${runbooks}', 'What to do about each alert'))
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .description('The Prometheus that scrapes the exporter')
        .type('prometheus')
        .current({ selected: true, text: 'default', value: 'default' }),
    )
    .withVariable(choice('job', 'Job', "Prometheus's scrape job", 'label_values(mtls_exporter_build_info, job)', '.+'))
    .withVariable(
      choice('instance', 'Instance', 'The exporter, or its shards', 'label_values(mtls_exporter_build_info{job=~"$job"}, instance)', '.+'),
    );
  for (const one of choices) frame.withVariable(one);
  frame.withVariable(new ConstantVariableBuilder('runbooks').value(runbooks));
  for (const { heading, panels } of sections) {
    frame.withRow(new RowBuilder(heading));
    for (const panel of panels) frame.withPanel(panel);
  }
  return frame;
}
