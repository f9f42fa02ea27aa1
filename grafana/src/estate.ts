// The first page: is the estate well, what ends next, what is worst, and since when.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, ownerChoice } from './frame.js';
import { toIdentity, toRunbook, toTarget } from './links.js';
import * as looks from './looks.js';
import { bars, stacked, stat, table, timeSeries, type Column } from './panels.js';
import { all, countOf, estate, exporter, now, overTime } from './queries.js';

const { shown } = looks;

const targetsWhere = (worst: 'min' | 'max', family: string, condition: string): string =>
  countOf(`${worst} by (target) (${family}${estate()}) ${condition}`);

const ends = (condition: string): string => countOf(`mtls_certificate_expiry_days${estate()} ${condition}`);

function glance(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('At a glance'))
    .withPanel(
      stat('Targets', 'How many targets are watched. A target is counted once, whatever its identities and addresses.')
        .targets(all(now(countOf(`group by (target) (mtls_probe_success${estate()})`)))),
    )
    .withPanel(
      stat('With findings', 'Targets of which something expected does not hold: see "Worst first".')
        .thresholds(looks.noneIsWell())
        .targets(all(now(targetsWhere('min', 'mtls_probe_success', '== 0')))),
    )
    .withPanel(
      stat('Unreachable', 'Targets that cannot be connected to. The certificates last seen there stay published for a day.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(targetsWhere('max', 'mtls_target_reachable', '== 0')))),
    )
    .withPanel(
      stat('Refuse our identity', 'Targets that turned away a client certificate of ours.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(targetsWhere('min', 'mtls_client_certificate_accepted', '== 0')))),
    )
    .withPanel(
      stat('Doors with a hole', 'Targets that let in whom they must turn away: nobody at all, or a stranger with a lookalike certificate.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(targetsWhere('min', 'mtls_client_auth_enforced', '== 0')))),
    )
    .withPanel(
      stat('Alerts firing', 'Alert rules of mtls_exporter that fire now; they are listed at the end of this page.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(countOf(firing)))),
    )
    .withPanel(
      stat('Certificates', 'Certificates in sight: served, presented by our identities, in trust stores, on disk, issued. One that is served by five targets counts five times.')
        .targets(all(now(ends('')))),
    )
    .withPanel(
      stat('Expired', 'Certificates past their end. Those in the books of an authority are counted until a later one of the same subject replaces them.').thresholds(looks.noneIsWell('dark-red')).targets(all(now(ends('< 0')))),
    )
    .withPanel(
      stat('End within 7 days', 'Certificates that end within a week; the expired ones are not counted again.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(ends('>= 0 < 7')))),
    )
    .withPanel(
      stat('End within 30 days', 'Certificates that end within 30 days, those of the next 7 included.')
        .thresholds(looks.noneIsWell(looks.soon))
        .targets(all(now(ends('>= 0 < 30')))),
    )
    .withPanel(
      stat('Next to end', 'Days until the first certificate ends that has not ended yet.')
        .unit(looks.days)
        .decimals(1)
        .thresholds(looks.daysLeft())
        .targets(all(now(`min(mtls_certificate_expiry_days${estate()} >= 0)`))),
    )
    .withPanel(
      stat('As expected', 'The share of probes of which everything expected held.')
        .unit('percentunit')
        .thresholds(looks.shareSteps())
        .targets(all(now(`avg(mtls_probe_success${estate()})`))),
    );
}

const firing = `ALERTS{alertname=~"Mtls.+", alertstate="firing", owner=~"$owner"}`;

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

function expiry(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('What ends when'))
    .withPanel(
      bars('Certificates by time left', 'How many certificates end in which stretch of time: the work ahead.')
        .span(8)
        .height(9)
        .targets(all(...horizons.map(([name, condition]) => now(ends(condition), name)))),
    )
    .withPanel(
      bars('The next ten', 'The ten certificates that end first, of those that end within a year, whichever their source: a server, an identity, a file, an authority or a trust store. A full bar is 90 days.')
        .span(16)
        .height(9)
        .max(90)
        .unit(looks.days)
        .decimals(1)
        .thresholds(looks.daysLeft())
        .targets(all(now(`sort(${firstToEnd})`, '{{source}} {{target}}: {{subject_cn}}'))),
    )
    .withPanel(
      timeSeries('Days left over time', 'The ten certificates that end first, of those that end within a year. A line falls by one a day and jumps where a certificate was renewed; a line below 0 is an expired one.')
        .span(24)
        .height(7)
        .unit(looks.days)
        .axisSoftMin(0)
        .fillOpacity(0)
        .targets(all(overTime(firstToEnd, '{{source}} {{target}}: {{subject_cn}}'))),
    );
}

const by = 'by (target, identity, owner)';
const verdict = (head: string, family: string, words: typeof looks.yesOrNo): Column => ({
  head,
  value: `min ${by} (${family}${estate()})`,
  shown: shown.words(words),
});

function worst(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Worst first'))
    .withPanel(
      table(
        'Targets, worst first',
        'Every target and identity: what was expected of it and what was found; a fanned-out target shows its worst address. A dash: not judged. Those with findings stand first, then those that end first. A click on a target opens it.',
        [
          { head: 'Target', label: 'target', shown: shown.link('Open the target', toTarget()) },
          { head: 'Identity', label: 'identity', shown: shown.link('Open the identity', toIdentity()) },
          { head: 'Owner', label: 'owner' },
          verdict('All in all', 'mtls_probe_success', looks.asExpected),
          { head: 'Days left', value: `min ${by} (mtls_certificate_expiry_days${estate('source="server"', 'position="0"')})`, shown: shown.daysLeft() },
          verdict('Reachable', 'mtls_target_reachable', looks.upOrDown),
          { head: 'Chain', value: `min ${by} (mtls_chain_valid${estate('source="server"')})`, shown: shown.words(looks.trusted) },
          { head: 'Name', value: `min ${by} (mtls_hostname_match${estate('source="server"')})`, shown: shown.words(looks.matches) },
          verdict('Our certificate', 'mtls_client_certificate_accepted', looks.certificate),
          verdict('Door', 'mtls_client_auth_enforced', looks.door),
        ],
        ['All in all', 'Days left'],
      ),
    )
    .withPanel(
      table(
        'Why handshakes fail',
        'The targets whose handshake fails now, at which stage and for which reason; the alert is the word of the TLS standard that the server sent.',
        [
          { head: 'Target', label: 'target', shown: shown.link('Open the target', toTarget()) },
          { head: 'Identity', label: 'identity' },
          { head: 'Stage', label: 'stage' },
          { head: 'Reason', label: 'reason' },
          { head: 'TLS alert', label: 'alert' },
          { labelsOf: `group by (target, identity, stage, reason, alert) (mtls_handshake_failure_info${estate()})` },
        ],
        ['Target'],
      )
        .span(12)
        .height(8)
        .noValue('None'),
    )
    .withPanel(
      table(
        'Findings about chains',
        'What is wrong with chains: served, our own and at rest. "Critical" ones make a chain invalid.',
        [
          { head: 'Severity', label: 'severity', shown: shown.words(looks.severities) },
          { head: 'Finding', label: 'problem' },
          { head: 'Source', label: 'source' },
          { head: 'Target, identity or file', label: 'target' },
          { labelsOf: `group by (severity, problem, source, target) (mtls_chain_problem${estate()})` },
        ],
        ['Severity', 'Source'],
      )
        .span(12)
        .height(8)
        .noValue('None'),
    );
}

function history(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Over time'))
    .withPanel(
      stacked('Failures by reason', 'Failed probes per second of the whole estate, by stage and reason. Counted by the exporter, so it knows no owner.')
        .unit('cps')
        .targets(
          all(
            overTime(
              `sum by (stage, reason) (rate(mtls_exporter_probe_results_total${exporter('stage!="none"')}[$__rate_interval])) > 0`,
              '{{stage}}: {{reason}}',
            ),
          ),
        ),
    )
    .withPanel(
      stacked('What does not hold', 'How many probes break which expectation.')
        .min(0)
        .decimals(0)
        .targets(all(overTime(`sum by (expectation) (mtls_probe_expectation_failed${estate()})`, '{{expectation}}'))),
    )
    .withPanel(
      timeSeries('Targets over time', 'How many targets are as expected, have findings, or cannot be reached.')
        .min(0)
        .decimals(0)
        .targets(
          all(
            overTime(targetsWhere('min', 'mtls_probe_success', '== 1'), 'as expected'),
            overTime(targetsWhere('min', 'mtls_probe_success', '== 0'), 'with findings'),
            overTime(targetsWhere('max', 'mtls_target_reachable', '== 0'), 'unreachable'),
          ),
        ),
    )
    .withPanel(
      table(
        'Alerts',
        'What the alert rules of mtls_exporter say now. A click on an alert opens its runbook.',
        [
          { head: 'Severity', label: 'severity', shown: shown.words(looks.severities) },
          { head: 'Alert', label: 'alertname', shown: shown.link('Open the runbook', toRunbook()) },
          { head: 'Target', label: 'target', shown: shown.link('Open the target', toTarget()) },
          { head: 'Identity', label: 'identity', shown: shown.link('Open the identity', toIdentity()) },
          { head: 'Source', label: 'name' },
          { head: 'Owner', label: 'owner' },
          { labelsOf: `group by (severity, alertname, target, identity, name, owner) (${firing})` },
        ],
        ['Severity', 'Alert'],
      )
        .span(12)
        .height(8)
        .noValue('None'),
    );
}

export function estatePage(): DashboardBuilder {
  const page = dashboard('mtls-estate', 'mTLS / Estate', 'Every certificate and every mTLS server of the estate: is it well, what ends next, what is worst.', ownerChoice());
  glance(page);
  expiry(page);
  worst(page);
  history(page);
  return page;
}
