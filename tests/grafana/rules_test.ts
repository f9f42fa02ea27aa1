// DASHBOARDS=FOLDER METRICS=FILE rules_test.js: every dashboard keeps every rule, and every rule finds a dashboard that breaks it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { dashboardsIn, shownPanels, type Dashboard, type Panel, type Target, type Variable } from './dashboard.js';
import { rules } from './rules.js';

const folder = process.env.DASHBOARDS ?? '';
const metrics = process.env.METRICS ?? '';  // docs/metrics.md
const dashboards = dashboardsIn(folder);

const panel = (dashboard: Dashboard): Panel => shownPanels(dashboard)[0]!;
const target = (dashboard: Dashboard): Target => panel(dashboard).targets![0]!;
const variable = (dashboard: Dashboard, name: string): Variable => dashboard.templating.list.find((one) => one.name === name)!;
const withoutVariable = (dashboard: Dashboard, name: string): void => {
  dashboard.templating.list = dashboard.templating.list.filter((one) => one.name !== name);
};

/** For each rule, dashboards that break it: each as a change to one that keeps it. */
const broken: Record<string, ((dashboard: Dashboard) => void)[]> = {
  'template-datasource': [(it) => withoutVariable(it, 'datasource'), (it) => (variable(it, 'datasource').query = 'loki')],
  'template-job': [(it) => withoutVariable(it, 'job'), (it) => (variable(it, 'job').multi = false)],
  'template-instance': [(it) => withoutVariable(it, 'instance'), (it) => (variable(it, 'instance').allValue = '.*')],
  'template-on-time-change-reload': [(it) => (variable(it, 'job').refresh = 1)],
  'template-without-hard-coded-datasource': [(it) => (variable(it, 'job').datasource = { type: 'prometheus', uid: 'P1809F7CD0C75ACF3' })],
  'owner-works-where-absent': [(it) => (variable(it, 'owner').allValue = '.+')],
  'panel-title-description': [(it) => (panel(it).title = ''), (it) => delete panel(it).description, (it) => (panel(it).description = 'How many')],
  'panel-units': [(it) => delete panel(it).fieldConfig!.defaults.unit, (it) => (panel(it).fieldConfig!.defaults.unit = 'parsec')],
  'panel-no-targets': [(it) => (panel(it).targets = [])],
  'panel-datasource': [(it) => (panel(it).datasource = { type: 'prometheus', uid: 'P1809F7CD0C75ACF3' })],
  'target-datasource': [(it) => delete target(it).datasource],
  'target-job': [(it) => (target(it).expr = 'up{instance=~"$instance"}')],
  'target-instance': [(it) => (target(it).expr = 'up{job=~"$job"}')],
  'target-choices': [
    (it) => (target(it).expr = 'mtls_probe_success{job=~"$job", instance=~"$instance"}'),
    (it) => (target(it).expr = 'ALERTS{alertname=~"Mtls.+"}'),
  ],
  'target-rate-interval': [(it) => (target(it).expr = 'rate(mtls_probes_total{job=~"$job", instance=~"$instance"}[5m])')],
  'target-counter-agg': [(it) => (target(it).expr = 'sum(mtls_probes_total{job=~"$job", instance=~"$instance"})')],
  'target-ref-ids': [(it) => panel(it).targets!.push({ ...target(it) })],
  'panel-titles': [(it) => (panel(it).title = shownPanels(it)[1]!.title!)],
  'panel-ids': [(it) => (panel(it).id = it.panels[0]!.id!)],
  'panel-grid': [(it) => (panel(it).gridPos.x += 1), (it) => (panel(it).gridPos.w = 25)],
  'variables-declared': [(it) => (target(it).expr = 'up{job=~"$job", instance=~"$instance", zone="$zone"}')],
  'variables-used': [(it) => it.templating.list.push({ type: 'query', name: 'zone', refresh: 2 })],
  links: [
    (it) => (it.links = it.links!.filter((link) => link.type !== 'dashboards')),
    (it) => (it.links = it.links!.filter((link) => link.title !== 'Alerts')),
    (it) => (it.links = it.links!.filter((link) => link.title !== 'Runbooks')),
    (it) => (it.tags = []),
  ],
  'uneditable-dashboard': [(it) => (it.editable = true)],
};

test('there are five dashboards', () => {
  assert.deepEqual(
    dashboards.map((dashboard) => dashboard.uid),
    ['mtls-doors', 'mtls-estate', 'mtls-exporter', 'mtls-identities', 'mtls-target'],
  );
});

for (const rule of rules) {
  test(`every dashboard keeps the rule ${rule.name}`, () => {
    for (const dashboard of dashboards) assert.deepEqual(rule.check(dashboard), [], `${dashboard.uid} breaks ${rule.name}`);
  });
  test(`the rule ${rule.name} finds what breaks it`, () => {
    const changes = broken[rule.name] ?? [];
    assert.notEqual(changes.length, 0, `no dashboard breaks ${rule.name}: such a rule may find nothing`);
    for (const change of changes) {
      const dashboard = structuredClone(dashboards.find((one) => one.uid === 'mtls-estate')!);
      change(dashboard);
      assert.notDeepEqual(rule.check(dashboard), [], `${rule.name} does not see: ${change}`);
    }
  });
}

/** What Grafana would put in place of its own variables, so that Prometheus's parser can read the rest. */
const asPrometheusReadsIt = (expr: string): string => expr.replace(/\$__(rate_interval|range|interval)/g, '5m').replace(/\$([a-z_]+)/g, '.*');

/** Prometheus's own parser judges the queries, as rules. */
function promtool(queries: string[]): string {
  const work = mkdtempSync(join(tmpdir(), 'promql-'));
  try {
    const file = join(work, 'rules.yml');
    const records = queries.map((expr, index) => ({ record: `query_${index}`, expr: asPrometheusReadsIt(expr) }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules: records }] }));
    const run = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    return run.status === 0 ? '' : `${run.error ?? ''}${run.stdout}${run.stderr}`;
  } finally {
    rmSync(work, { recursive: true });
  }
}

const allTargets = dashboards.flatMap((dashboard) => shownPanels(dashboard).flatMap((one) => one.targets ?? []));

test("Prometheus's parser understands every query", () => {
  assert.ok(allTargets.length > 50);
  assert.equal(promtool(allTargets.map((one) => one.expr)), '');
});

test("Prometheus's parser refuses a query that is none", () => {
  assert.match(promtool(['sum by (target (mtls_probe_success{job=~"$job"})']), /parse/);
});

// scrape_* and up are written by Prometheus itself, ALERTS by its rules.
const prometheusOwn = /^(up|scrape_duration_seconds|scrape_samples_scraped|ALERTS)$/;
const ofTheDocs = new Set([...readFileSync(metrics, 'utf8').matchAll(/^\| `((?:mtls|process)_[a-z0-9_]+)` \|/gm)].map((match) => match[1]!));

const unknownFamilies = (exprs: string[]): string[] =>
  [...new Set(exprs.flatMap((expr) => [...expr.matchAll(/\b([A-Za-z_:][A-Za-z0-9_:]*)\{/g)].map((match) => match[1]!)))].filter((family) => {
    const name = family.replace(/_bucket$/, '');
    return !prometheusOwn.test(name) && !ofTheDocs.has(name);
  });

test('every family that is asked for stands in docs/metrics.md', () => {
  assert.deepEqual(unknownFamilies(allTargets.map((one) => one.expr)), []);
});

test('a family that does not stand in docs/metrics.md is found', () => {
  assert.deepEqual(unknownFamilies(['sum(mtls_probe_sucess{job=~"$job"})']), ['mtls_probe_sucess']);
});
