// The rules that the dashboards keep: those of Grafana's dashboard-linter, small, and a few of our own. A rule looks at one
// dashboard and returns what is wrong with it, in words that name the panel.

import { queryOf, shownPanels, type Dashboard, type Panel, type Target, type Variable } from './dashboard.js';

export interface Rule {
  name: string;
  check: (dashboard: Dashboard) => string[];
}

const units = new Set(['short', 'none', 's', 'bytes', 'percentunit', 'cps', 'dateTimeAsIso', 'dateTimeFromNow', 'suffix:d']);

const variable = (dashboard: Dashboard, name: string): Variable | undefined =>
  dashboard.templating.list.find((one) => one.name === name);

const perPanel = (name: string, wrong: (panel: Panel) => string | false | undefined): Rule => ({
  name,
  check: (dashboard) =>
    shownPanels(dashboard).flatMap((panel) => {
      const complaint = wrong(panel);
      return complaint ? [`"${panel.title}": ${complaint}`] : [];
    }),
});

const perTarget = (name: string, wrong: (target: Target) => string | false | undefined): Rule => ({
  name,
  check: (dashboard) =>
    shownPanels(dashboard).flatMap((panel) =>
      (panel.targets ?? []).flatMap((target) => {
        const complaint = wrong(target);
        return complaint ? [`"${panel.title}" ${target.refId}: ${complaint}: ${target.expr}`] : [];
      }),
    ),
});

/** A choice of several values and all of them, asked again when the time range changes. */
const choice = (name: string, label: string, allValue: string): Rule => ({
  name: `template-${name}`,
  check: (dashboard) => {
    const one = variable(dashboard, name);
    if (one === undefined) return [`there is no variable "${name}"`];
    const wrong = (property: keyof Variable, wanted: unknown): string[] =>
      one[property] === wanted ? [] : [`${property} of "${name}" is ${JSON.stringify(one[property])}, not ${JSON.stringify(wanted)}`];
    return [
      ...wrong('type', 'query'),
      ...wrong('label', label),
      ...wrong('multi', true),
      ...wrong('includeAll', true),
      ...wrong('allValue', allValue),
    ];
  },
});

/** The selectors of a query with the families they select. */
const selectors = (expr: string): { family: string; matchers: string }[] =>
  [...expr.matchAll(/\b([a-z_:]+[a-z0-9_:]*|ALERTS)\{([^}]*)\}/g)].map((match) => ({ family: match[1]!, matchers: match[2]! }));

const carries = (label: string) => (target: Target) => {
  // ALERTS has the labels that the rules leave: ours leave out who saw it.
  const without = selectors(target.expr).find(({ family, matchers }) => family !== 'ALERTS' && !matchers.includes(`${label}=~"$${label}"`));
  return without && `${without.family} is not limited to the chosen ${label}`;
};

/** What is chosen limits every family that has the label; the exporter's own have none of the estate's. */
const heeds = (label: string, families: RegExp): Rule =>
  perTarget('', (target) => {
    const without = selectors(target.expr).find(
      ({ family, matchers }) => families.test(family) && !matchers.includes(`${label}=~"$${label}"`),
    );
    return without && `${without.family} is not limited to the chosen ${label}`;
  });

const isCounter = (family: string): boolean => /_(total|count|bucket|sum)$/.test(family);

const duplicates = (values: unknown[]): unknown[] => values.filter((value, index) => values.indexOf(value) !== index);

export const rules: Rule[] = [
  {
    name: 'template-datasource',
    check: (dashboard) => {
      const one = variable(dashboard, 'datasource');
      if (one?.type !== 'datasource' || one.query !== 'prometheus') return ['there is no variable "datasource" of Prometheus'];
      return one.label === 'Data source' ? [] : [`its label is "${one.label}", not "Data source"`];
    },
  },
  choice('job', 'Job', '.+'),
  choice('instance', 'Instance', '.+'),
  {
    name: 'template-on-time-change-reload',
    check: (dashboard) =>
      dashboard.templating.list
        .filter((one) => one.type === 'query' && one.refresh !== 2)
        .map((one) => `"${one.name}" is not asked again when the time range changes`),
  },
  {
    name: 'template-without-hard-coded-datasource',
    check: (dashboard) =>
      dashboard.templating.list
        .filter((one) => one.type === 'query' && one.datasource?.uid !== '${datasource}')
        .map((one) => `"${one.name}" asks ${one.datasource?.uid}`),
  },
  {
    name: 'owner-works-where-absent',
    check: (dashboard) =>
      dashboard.templating.list
        .filter((one) => one.name === 'owner' && one.allValue !== '.*')
        .map((one) => `all of "${one.name}" is ${one.allValue}: an absent label matches .* only`),
  },
  perPanel('panel-title-description', (panel) =>
    !panel.title ? `panel ${panel.id} has no title` : !panel.description ? 'no description' : !/[.]$/.test(panel.description) && 'a description is a sentence',
  ),
  perPanel('panel-units', (panel) => {
    const unit = panel.fieldConfig?.defaults.unit;
    return unit === undefined || !units.has(unit) ? `the unit is ${unit}` : undefined;
  }),
  perPanel('panel-no-targets', (panel) => (panel.targets ?? []).length === 0 && 'asks nothing'),
  perPanel('panel-datasource', (panel) => panel.datasource?.uid !== '${datasource}' && `asks ${panel.datasource?.uid}`),
  perTarget('target-datasource', (target) => target.datasource?.uid !== '${datasource}' && `asks ${target.datasource?.uid}`),
  perTarget('target-job', carries('job')),
  perTarget('target-instance', carries('instance')),
  {
    name: 'target-choices',
    check: (dashboard) => [
      ...(variable(dashboard, 'owner') ? heeds('owner', /^(mtls_(?!exporter_)|ALERTS)/).check(dashboard) : []),
      ...(variable(dashboard, 'target') ? [heeds('target', /^(mtls_|ALERTS)/), heeds('identity', /^mtls_/)].flatMap((rule) => rule.check(dashboard)) : []),
    ],
  },
  perTarget('target-rate-interval', (target) =>
    [...target.expr.matchAll(/\b(?:rate|irate|increase)\(.*?\[([^\]]*)\]/g)].some((match) => match[1] !== '$__rate_interval') &&
      'a rate is taken over $__rate_interval',
  ),
  perTarget('target-counter-agg', (target) => {
    const bare = [...target.expr.matchAll(/(\S*?)\b([a-z_]+)\{[^}]*\}(\[)?/g)].find((match) => isCounter(match[2]!) && match[3] === undefined);
    // A count since the start of the exporter, shown as such in a table.
    return bare && target.format !== 'table' && `${bare[2]} is a counter without a rate`;
  }),
  perPanel('target-ref-ids', (panel) => {
    const twice = duplicates((panel.targets ?? []).map((target) => target.refId));
    return twice.length > 0 && `more than one query is called ${twice.join(', ')}`;
  }),
  {
    name: 'panel-titles',
    check: (dashboard) => duplicates(shownPanels(dashboard).map((panel) => panel.title)).map((title) => `more than one panel is called "${title}"`),
  },
  {
    name: 'panel-ids',
    check: (dashboard) => duplicates(dashboard.panels.map((panel) => panel.id)).map((id) => `more than one panel is number ${id}`),
  },
  {
    name: 'panel-grid',
    check: (dashboard) =>
      shownPanels(dashboard)
        .filter(({ gridPos: at }) => at.x + at.w > 24 || shownPanels(dashboard).some(({ gridPos: other }) => overlap(at, other)))
        .map((panel) => `"${panel.title}" stands on another or beyond the edge`),
  },
  {
    name: 'variables-declared',
    check: (dashboard) => {
      const declared = new Set(dashboard.templating.list.map((one) => one.name));
      const used = JSON.stringify(dashboard.panels).matchAll(/\$(?:\{)?([a-z_]+)/g);
      return [...new Set([...used].map((match) => match[1]!))]
        .filter((name) => !name.startsWith('__') && !declared.has(name))
        .map((name) => `$${name} is used and not declared`);
    },
  },
  {
    name: 'variables-used',
    check: (dashboard) => {
      const text = JSON.stringify([dashboard.panels, dashboard.links, dashboard.templating.list.map(queryOf)]);
      return dashboard.templating.list
        .filter((one) => !text.includes(`$${one.name}`) && !text.includes(`\${${one.name}`))
        .map((one) => `"${one.name}" can be chosen and changes nothing`);
    },
  },
  {
    name: 'links',
    check: (dashboard) => {
      const links = dashboard.links ?? [];
      const others = links.find((link) => link.type === 'dashboards' && link.tags?.includes('mtls_exporter'));
      return [
        ...(others?.includeVars && others.keepTime ? [] : ['no links to the other dashboards that keep choices and time']),
        ...(links.some((link) => link.url?.startsWith('/alerting/')) ? [] : ['no link to the alerts']),
        ...(links.some((link) => link.url === '${runbooks}') ? [] : ['no link to the runbooks']),
        ...(dashboard.tags?.includes('mtls_exporter') ? [] : ['without the tag mtls_exporter, which links it to the others']),
      ];
    },
  },
  { name: 'uneditable-dashboard', check: (dashboard) => (dashboard.editable === false ? [] : ['can be edited: the next generation overwrites that']) },
];

type Place = Panel['gridPos'];
const overlap = (a: Place, b: Place): boolean => a !== b && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
