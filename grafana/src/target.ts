// One server: what it shows, whether it takes our certificate, how its door is kept, and how that was before.

import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, identityChoice, targetChoice } from './frame.js';
import { toIdentity, toRunbook } from './links.js';
import * as looks from './looks.js';
import { stat, states, table, timeSeries } from './panels.js';
import { all, now, overTime, target, verdicts } from './queries.js';

const { shown } = looks;

const served = (...matchers: string[]): string => target('source="server"', ...matchers);

function verdict(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Verdict'))
    .withPanel(
      stat('All in all', 'Whether everything expected of this target holds, for every identity and address chosen.')
        .mappings(looks.asExpected)
        .targets(all(now(`min(mtls_probe_success${target()})`))),
    )
    .withPanel(
      stat('Reachable', 'Whether a connection came about: at the worst of its addresses.')
        .mappings(looks.upOrDown)
        .targets(all(now(`min(mtls_target_reachable${target()})`))),
    )
    .withPanel(
      stat('Our certificate', 'What became of our certificate, by identity: accepted, refused, not requested, or unconfirmed where neither is certain.')
        .textMode(BigValueTextMode.ValueAndName)
        .mappings(looks.verdicts)
        .targets(all(now(verdicts('identity', target), '{{identity}}'))),
    )
    .withPanel(
      stat('Door', 'Whether the door turns away whom it must. Absent while that is undetermined or not judged.')
        .mappings(looks.door)
        .targets(all(now(`min(mtls_client_auth_enforced${target()})`))),
    )
    .withPanel(
      stat('Leaf ends in', 'Days until the certificate of the server itself ends.')
        .unit(looks.days)
        .decimals(1)
        .thresholds(looks.daysLeft())
        .targets(all(now(`min(mtls_certificate_expiry_days${served('position="0"')})`))),
    )
    .withPanel(
      stat('Path ends in', 'Days until the first certificate ends on the path that is actually trusted, its root included.')
        .unit(looks.days)
        .decimals(1)
        .thresholds(looks.daysLeft())
        .targets(all(now(`min(mtls_chain_expiry_days${served()})`))),
    );
}

const certificate = 'position, subject_cn';

function chain(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Chain'))
    .withPanel(
      stat('Trusted', 'Whether the chain holds against the trust store: 0 exactly when a finding about it is critical.')
        .mappings(looks.trusted)
        .targets(all(now(`min(mtls_chain_valid${served()})`))),
    )
    .withPanel(
      stat('Complete', 'Whether the server sends its intermediates itself.')
        .mappings(looks.yesOrNo)
        .targets(all(now(`min(mtls_chain_complete${served()})`))),
    )
    .withPanel(
      stat('Name', 'Whether the certificate carries the name that the server was asked for.')
        .mappings(looks.matches)
        .targets(all(now(`min(mtls_hostname_match${served()})`))),
    )
    .withPanel(
      table(
        'Where and how',
        'The address last connected to, the module, the name asked for, and what was negotiated.',
        [
          { head: 'Identity', label: 'identity' },
          { head: 'Endpoint', label: 'endpoint' },
          { head: 'Module', label: 'module' },
          { head: 'Name asked for', label: 'server_name' },
          { labelsOf: `group by (identity, address, endpoint, module, server_name) (mtls_target_info${target()})` },
          { head: 'TLS', label: 'version' },
          { head: 'Cipher', label: 'cipher' },
          { head: 'Group', label: 'group' },
          { head: 'ALPN', label: 'alpn' },
          { labelsOf: `group by (identity, address, version, cipher, group, alpn) (mtls_tls_info${target()})` },
        ],
        ['Identity'],
      )
        .span(12)
        .height(4),
    )
    .withPanel(
      table(
        'Certificates as sent',
        'Position 0 is the leaf; the others stand as the server sent them. Identities or addresses that were shown other certificates have lines of their own.',
        [
          { head: 'Position', label: 'position', shown: shown.width(80) },
          { head: 'Subject', label: 'subject_cn' },
          { head: 'Days left', value: `min by (${certificate}) (mtls_certificate_expiry_days${served()})`, shown: [...shown.daysLeft(), ...shown.width(110)] },
          {
            head: 'Ends',
            value: `min by (${certificate}) (mtls_certificate_not_after_timestamp_seconds${served()}) * 1000`,
            shown: shown.unit('dateTimeAsIso'),
          },
          { head: 'Issuer', label: 'issuer' },
          { head: 'Key', label: 'key', shown: shown.width(110) },
          { head: 'Signature', label: 'signature' },
          { head: 'Serial', label: 'serial' },
          { head: 'SHA-256', label: 'fingerprint_sha256' },
          { labelsOf: `group by (${certificate}, issuer, key, signature, serial, fingerprint_sha256) (mtls_certificate_info${served()})` },
        ],
        ['Position'],
      ).height(6),
    )
    .withPanel(
      table(
        'Findings about the chain',
        'All that is wrong with the chain, not the first thing only. Critical findings make it invalid.',
        [
          { head: 'Severity', label: 'severity', shown: shown.words(looks.severities) },
          { head: 'Finding', label: 'problem' },
          { labelsOf: `group by (severity, problem) (mtls_chain_problem${served()})` },
        ],
        ['Severity'],
      )
        .span(8)
        .height(6)
        .noValue('None'),
    )
    .withPanel(
      table(
        'Findings about certificates',
        'What is unusual about the certificates themselves, whoever trusts them.',
        [
          { head: 'Severity', label: 'severity', shown: shown.words(looks.severities) },
          { head: 'Finding', label: 'problem' },
          { head: 'Position', label: 'position' },
          { head: 'Subject', label: 'subject_cn' },
          { labelsOf: `group by (severity, problem, position, subject_cn) (mtls_certificate_problem${served()})` },
        ],
        ['Severity'],
      )
        .span(8)
        .height(6)
        .noValue('None'),
    )
    .withPanel(
      table(
        'What does not hold',
        'The expectations that are broken now, by identity.',
        [
          { head: 'Expectation', label: 'expectation' },
          { head: 'Identity', label: 'identity', shown: shown.link('Open the identity', toIdentity()) },
          { labelsOf: `group by (expectation, identity) (mtls_probe_expectation_failed${target()})` },
        ],
        ['Expectation'],
      )
        .span(8)
        .height(6)
        .noValue('Nothing: all is as expected'),
    );
}

function failure(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Failure and door'))
    .withPanel(
      table(
        'Why the handshake fails, or last failed',
        'The stage and reason of the failure now, and of the latest one for a day after it.',
        [
          { head: 'Identity', label: 'identity' },
          { head: 'Stage', label: 'stage' },
          { head: 'Reason', label: 'reason' },
          { head: 'TLS alert', label: 'alert' },
          { labelsOf: `group by (identity, address, stage, reason, alert) (mtls_handshake_last_failure_info${target()})` },
          {
            head: 'Now',
            value: `max by (identity, address, stage, reason, alert) (mtls_handshake_failure_info${target()})`,
            shown: shown.words(looks.firing),
          },
        ],
        ['Identity'],
      )
        .span(9)
        .height(7)
        .noValue('No failure for a day'),
    )
    .withPanel(
      table(
        'Who knocked, and the answer',
        'The door is tried without a certificate, and with a rogue one of an unknown authority; both must be refused where the door is to be closed.',
        [
          { head: 'Knock', label: 'knock' },
          { head: 'Answer', label: 'answer', shown: shown.words(looks.answerWords) },
          { head: 'Compared with', label: 'identity' },
          { head: 'Mode', label: 'mode', shown: shown.words(looks.modes) },
          { labelsOf: `group by (identity, address, knock, answer) (mtls_client_auth_knock${target()}) * on (identity, address) group_left (mode) group by (identity, address, mode) (mtls_client_auth_mode${target()})` },
        ],
        ['Knock'],
      )
        .span(8)
        .height(7)
        .noValue('Nobody knocks: client_auth.expect is not set'),
    )
    .withPanel(
      table(
        'Alerts about it',
        'What the alert rules of mtls_exporter say of this target now. A click on an alert opens its runbook.',
        [
          { head: 'Severity', label: 'severity', shown: shown.words(looks.severities) },
          { head: 'Alert', label: 'alertname', shown: shown.link('Open the runbook', toRunbook()) },
          { head: 'State', label: 'alertstate' },
          { labelsOf: 'group by (severity, alertname, alertstate) (ALERTS{alertname=~"Mtls.+", target=~"$target"})' },
        ],
        ['Severity', 'Alert'],
      )
        .span(7)
        .height(7)
        .noValue('None'),
    );
}

function history(page: DashboardBuilder): void {
  const over = (family: string, name: string) => overTime(`min(${family})`, name);
  page
    .withRow(new RowBuilder('History'))
    .withPanel(
      states('History', 'Each judgement over time. A gap: not judged, because the server was down or the answer was not certain.')
        .mappings(looks.words({ 1: ['yes', looks.good], 0: ['no', looks.bad] }))
        .targets(
          all(
            over(`mtls_probe_success${target()}`, 'as expected'),
            over(`mtls_target_reachable${target()}`, 'reachable'),
            over(`mtls_chain_valid${served()}`, 'chain trusted'),
            over(`mtls_hostname_match${served()}`, 'name matches'),
            over(`mtls_client_certificate_accepted${target()}`, 'our certificate accepted'),
            over(`mtls_client_auth_enforced${target()}`, 'door enforced'),
          ),
        ),
    )
    .withPanel(
      states('Reasons of failure', 'When the handshake failed, and why.')
        .height(5)
        .mappings(looks.firing)
        .noValue('No failure in this time')
        .targets(all(overTime(`max by (stage, reason) (mtls_handshake_failure_info${target()})`, '{{stage}}: {{reason}}'))),
    )
    .withPanel(
      timeSeries('Days left', 'The certificates of the chain that end within a year. A line falls by one a day and jumps where a certificate was renewed.')
        .span(8)
        .unit(looks.days)
        .axisSoftMin(0)
        .fillOpacity(0)
        .targets(all(overTime(`min by (position, subject_cn) (mtls_certificate_expiry_days${served()} < 366)`, '{{position}}: {{subject_cn}}'))),
    )
    .withPanel(
      timeSeries('How long a probe takes', 'From connecting to the verdict, by identity; the wait for a late refusal is part of it. The exporter\'s own queueing is not.')
        .span(8)
        .unit('s')
        .min(0)
        .targets(all(overTime(`max by (identity) (mtls_probe_duration_seconds${target()})`, '{{identity}}'))),
    )
    .withPanel(
      timeSeries('Where the time goes', 'The phases of a probe: resolve, connect, dialogue, handshake, verdict. Published at `metrics.detail: full`.')
        .span(8)
        .unit('s')
        .min(0)
        .noValue('Needs metrics.detail: full')
        .targets(all(overTime(`max by (phase) (mtls_probe_phase_duration_seconds${target()})`, '{{phase}}'))),
    );
}

export function targetPage(): DashboardBuilder {
  const page = dashboard('mtls-target', 'mTLS / Target', 'One server: its chain, the verdict on our certificate, its door, and its history.', targetChoice(), identityChoice());
  verdict(page);
  chain(page);
  failure(page);
  history(page);
  return page;
}
