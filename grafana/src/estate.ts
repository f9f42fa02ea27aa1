// The first page: is the estate well, what ends next, what is worst, and since when.

import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, ownerChoice, section } from './frame.js';
import * as looks from './looks.js';
import { bars, countdown, daysLeft, daysUntil, stacked, stat, timeSeries, troubles } from './panels.js';
import { countOf, estate, exporter, now, overTime } from './queries.js';
import * as column from './tables.js';
import { listing, table } from './tables.js';

const targetsWhere = (worst: 'min' | 'max', family: string, condition: string): string =>
  countOf(`${worst} by (target) (${family}${estate()}) ${condition}`);

/** Certificates, each counted once wherever it was met; of those in an index only the serial is known. At lean, places. */
const ends = (condition: string): string => {
  const inTime = `mtls_certificate_expiry_days${estate()} ${condition}`;
  const place = 'job, instance, source, target, identity, address, position, subject_cn';
  return `count(group by (fingerprint_sha256, serial) (mtls_certificate_info${estate()} and on (${place}) (${inTime}))) or ${countOf(inTime)}`;
};

const firing = `ALERTS{alertname=~"Mtls.+", alertstate="firing", owner=~"$owner"}`;

const glance = section(
  'At a glance',
  stat(
    'Targets',
    'How many targets are watched. A target is counted once, whatever its identities and addresses.',
    countOf(`group by (target) (mtls_probe_success${estate()})`),
  ),
  troubles(
    'With findings',
    'Targets of which something expected does not hold: see "Worst first".',
    targetsWhere('min', 'mtls_probe_success', '== 0'),
  ),
  troubles(
    'Unreachable',
    'Targets that cannot be connected to. The certificates last seen there stay published for a day.',
    targetsWhere('max', 'mtls_target_reachable', '== 0'),
  ),
  troubles(
    'Refuse our identity',
    'Targets that turned away a client certificate of ours.',
    targetsWhere('min', 'mtls_client_certificate_accepted', '== 0'),
  ),
  troubles(
    'Doors with a hole',
    'Targets that let in whom they must turn away: nobody at all, or a stranger with a lookalike certificate.',
    targetsWhere('min', 'mtls_client_auth_enforced', '== 0'),
  ),
  troubles('Alerts firing', 'Alert rules of mtls_exporter that fire now; they are listed at the end of this page.', countOf(firing)),
  stat(
    'Certificates',
    'Certificates in sight: served, presented by our identities, in trust stores, on disk, issued. One that is served by five targets counts once.',
    ends(''),
  ),
  troubles(
    'Expired',
    'Certificates past their end. Those in the books of an authority are counted until a later one of the same subject replaces them.',
    ends('< 0'),
    'dark-red',
  ),
  troubles('End within 7 days', 'Certificates that end within a week; the expired ones are not counted again.', ends('>= 0 < 7')),
  troubles('End within 30 days', 'Certificates that end within 30 days, those of the next 7 included.', ends('>= 0 < 30'), looks.soon),
  daysUntil(
    'Next to end',
    'Days until the first certificate ends that has not ended yet.',
    `min(mtls_certificate_expiry_days${estate()} >= 0)`,
  ),
  stat('As expected', 'The share of probes of which everything expected held.', `avg(mtls_probe_success${estate()})`)
    .unit('percentunit')
    .thresholds(looks.shareSteps()),
);

const horizons: [name: string, condition: string][] = [
  ['expired', '< 0'],
  ['under 1 day', '>= 0 < 1'],
  ['1 to 7 days', '>= 1 < 7'],
  ['7 to 14 days', '>= 7 < 14'],
  ['14 to 30 days', '>= 14 < 30'],
  ['30 to 90 days', '>= 30 < 90'],
  ['90 days to a year', '>= 90 < 365'],
  ['more than a year', '>= 365'],
];

const firstToEnd = `bottomk(10, min by (source, target, subject_cn) (mtls_certificate_expiry_days${estate()} < 366))`;
const whatEnds = '{{source}} {{target}}: {{subject_cn}}';

const expiry = section(
  'What ends when',
  bars(
    'Certificates by time left',
    'How many certificates end in which stretch of time: the work ahead.',
    ...horizons.map(([name, condition]) => now(ends(condition), name)),
  )
    .span(8)
    .height(9),
  daysLeft(
    'The next ten',
    'The ten certificates that end first, of those that end within a year, whichever their source: a server, an identity, a file, an authority or a trust store. A full bar is 90 days.',
    `sort(${firstToEnd})`,
    whatEnds,
  )
    .span(16)
    .height(9)
    .max(90)
    .decimals(1),
  table(
    'Certificates that end within 90 days',
    'Every place of every certificate that ends within 90 days or has ended, the first to end on top: a server, an identity, a file, an authority. A click on the place of a served one opens its target.',
    [
      { head: 'Source', label: 'source' },
      column.openTarget,
      { head: 'Certificate', label: 'subject_cn' },
      { head: 'Position or serial', label: 'position' },
      column.owner,
      column.daysLeft(
        `min by (source, target, subject_cn, position, owner) (mtls_certificate_expiry_days${estate('source!="trust"')} < 90)`,
      ),
    ],
    ['Days left'],
  ),
  countdown(
    'Days left over time',
    'The ten certificates that end first, of those that end within a year. A line falls by one a day and jumps where a certificate was renewed; a line below 0 is an expired one.',
    looks.days,
    overTime(firstToEnd, whatEnds),
  )
    .span(24)
    .height(7),
);

const by = 'by (target, identity, owner)';
const judged = (head: string, series: string, words: typeof looks.yesOrNo): column.Column =>
  column.judged(head, `min ${by} (${series})`, words);

const worst = section(
  'Worst first',
  table(
    'Targets, worst first',
    'Every target and identity: what was expected of it and what was found; a fanned-out target shows its worst address. A dash: not judged. Those with findings stand first, then those that end first. A click on a target opens it.',
    [
      column.openTarget,
      column.openIdentity,
      column.owner,
      judged('All in all', `mtls_probe_success${estate()}`, looks.asExpected),
      column.daysLeft(`min ${by} (mtls_certificate_expiry_days${estate('source="server"', 'position="0"')})`),
      judged('Reachable', `mtls_target_reachable${estate()}`, looks.upOrDown),
      judged('Chain', `mtls_chain_valid${estate('source="server"')}`, looks.trusted),
      judged('Name', `mtls_hostname_match${estate('source="server"')}`, looks.matches),
      judged('Our certificate', `mtls_client_certificate_accepted${estate()}`, looks.certificate),
      judged('Door', `mtls_client_auth_enforced${estate()}`, looks.door),
    ],
    ['All in all', 'Days left'],
  ),
  listing(
    'Why handshakes fail',
    'The targets whose handshake fails now, at which stage and for which reason; the alert is the word of the TLS standard that the server sent.',
    `mtls_handshake_failure_info${estate()}`,
    [column.openTarget, column.identity, ...column.failure],
    ['Target'],
  )
    .span(12)
    .height(8),
  listing(
    'Findings about chains',
    'What is wrong with chains: served, our own and at rest. "Critical" ones make a chain invalid.',
    `mtls_chain_problem${estate()}`,
    [column.severity, column.finding, { head: 'Source', label: 'source' }, { head: 'Target, identity or file', label: 'target' }],
    ['Severity', 'Source'],
  )
    .span(12)
    .height(8),
);

const history = section(
  'Over time',
  stacked(
    'Failures by reason',
    'Failed probes per second of the whole estate, by stage and reason. Counted by the exporter, so it knows no owner.',
    overTime(
      `sum by (stage, reason) (rate(mtls_exporter_probe_results_total${exporter('stage!="none"')}[$__rate_interval])) > 0`,
      '{{stage}}: {{reason}}',
    ),
  ).unit('cps'),
  stacked(
    'What does not hold',
    'How many probes break which expectation.',
    overTime(`sum by (expectation) (mtls_probe_expectation_failed${estate()})`, '{{expectation}}'),
  )
    .min(0)
    .decimals(0),
  timeSeries(
    'Targets over time',
    'How many targets are as expected, have findings, or cannot be reached.',
    overTime(targetsWhere('min', 'mtls_probe_success', '== 1'), 'as expected'),
    overTime(targetsWhere('min', 'mtls_probe_success', '== 0'), 'with findings'),
    overTime(targetsWhere('max', 'mtls_target_reachable', '== 0'), 'unreachable'),
  )
    .min(0)
    .decimals(0),
  listing(
    'Alerts',
    'What the alert rules of mtls_exporter say now. A click on an alert opens its runbook.',
    firing,
    [column.severity, column.openRunbook, column.openTarget, column.openIdentity, { head: 'Source', label: 'name' }, column.owner],
    ['Severity', 'Alert'],
  )
    .span(12)
    .height(8),
);

export const estatePage = (): DashboardBuilder =>
  dashboard(
    'mtls-estate',
    'mTLS / Estate',
    'Every certificate and every mTLS server of the estate: is it well, what ends next, what is worst.',
    [ownerChoice()],
    [glance, expiry, worst, history],
  );
