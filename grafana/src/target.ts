// One server: what it shows, whether it takes our certificate, how its door is kept, and how that was before.

import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import type { DashboardBuilder, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';

import { dashboard, identityChoice, section, targetChoice } from './frame.js';
import * as looks from './looks.js';
import { countdown, daysUntil, stat, states, timeSeries } from './panels.js';
import { overTime, target, verdicts } from './queries.js';
import * as column from './tables.js';
import { listing, table } from './tables.js';

const { shown } = looks;

const served = (...matchers: string[]): string => target('source="server"', ...matchers);

/** A judgement about the target, in its word: the worst of the identities and addresses chosen. */
const judgement = (title: string, description: string, series: string, words: ValueMapping[]): StatBuilder =>
  stat(title, description, `min(${series})`).mappings(words);

const verdict = section(
  'Verdict',
  judgement(
    'All in all',
    'Whether everything expected of this target holds, for every identity and address chosen.',
    `mtls_probe_success${target()}`,
    looks.asExpected,
  ),
  judgement('Reachable', 'Whether a connection came about: at the worst of its addresses.', `mtls_target_reachable${target()}`, looks.upOrDown),
  stat(
    'Our certificate',
    'What became of our certificate, by identity: accepted, refused, not requested, or unconfirmed where neither is certain.',
    verdicts('identity', target),
    '{{identity}}',
  )
    .textMode(BigValueTextMode.ValueAndName)
    .mappings(looks.verdicts),
  judgement(
    'Door',
    'Whether the door turns away whom it must. Absent while that is undetermined or not judged.',
    `mtls_client_auth_enforced${target()}`,
    looks.door,
  ),
  daysUntil(
    'Leaf ends in',
    'Days until the certificate of the server itself ends.',
    `min(mtls_certificate_expiry_days${served('position="0"')})`,
  ),
  daysUntil(
    'Path ends in',
    'Days until the first certificate ends on the path that is actually trusted, its root included.',
    `min(mtls_chain_expiry_days${served()})`,
  ),
);

const certificate = 'position, subject_cn';
const position: column.LabelColumn = { head: 'Position', label: 'position' };
const subject: column.LabelColumn = { head: 'Subject', label: 'subject_cn' };

const chain = section(
  'Chain',
  judgement(
    'Trusted',
    'Whether the chain holds against the trust store: 0 exactly when a finding about it is critical.',
    `mtls_chain_valid${served()}`,
    looks.trusted,
  ),
  judgement('Complete', 'Whether the server sends its intermediates itself.', `mtls_chain_complete${served()}`, looks.yesOrNo),
  judgement(
    'Name',
    'Whether the certificate carries the name that the server was asked for.',
    `mtls_hostname_match${served()}`,
    looks.matches,
  ),
  table(
    'Where and how',
    'The address last connected to, the module, the name asked for, and what was negotiated.',
    [
      column.identity,
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
  table(
    'Certificates as sent',
    'Position 0 is the leaf; the others stand as the server sent them. Identities or addresses that were shown other certificates have lines of their own.',
    [
      { ...position, shown: shown.width(80) },
      subject,
      {
        head: 'Days left',
        value: `min by (${certificate}) (mtls_certificate_expiry_days${served()})`,
        shown: [...shown.daysLeft(), ...shown.width(110)],
      },
      column.time('Ends', `min by (${certificate}) (mtls_certificate_not_after_timestamp_seconds${served()})`),
      { head: 'Issuer', label: 'issuer' },
      { head: 'Key', label: 'key', shown: shown.width(110) },
      { head: 'Signature', label: 'signature' },
      { head: 'Serial', label: 'serial' },
      { head: 'SHA-256', label: 'fingerprint_sha256' },
      { labelsOf: `group by (${certificate}, issuer, key, signature, serial, fingerprint_sha256) (mtls_certificate_info${served()})` },
    ],
    ['Position'],
  ).height(6),
  listing(
    'Findings about the chain',
    'All that is wrong with the chain, not the first thing only. Critical findings make it invalid.',
    `mtls_chain_problem${served()}`,
    [column.severity, column.finding],
    ['Severity'],
  )
    .span(8)
    .height(6),
  listing(
    'Findings about certificates',
    'What is unusual about the certificates themselves, whoever trusts them.',
    `mtls_certificate_problem${served()}`,
    [column.severity, column.finding, position, subject],
    ['Severity'],
  )
    .span(8)
    .height(6),
  listing(
    'What does not hold',
    'The expectations that are broken now, by identity.',
    `mtls_probe_expectation_failed${target()}`,
    [{ head: 'Expectation', label: 'expectation' }, column.openIdentity],
    ['Expectation'],
    'Nothing: all is as expected',
  )
    .span(8)
    .height(6),
);

const failed = 'identity, address, stage, reason, alert';

const failure = section(
  'Failure and door',
  table(
    'Why the handshake fails, or last failed',
    'The stage and reason of the failure now, and of the latest one for a day after it.',
    [
      column.identity,
      ...column.failure,
      { labelsOf: `group by (${failed}) (mtls_handshake_last_failure_info${target()})` },
      column.judged('Now', `max by (${failed}) (mtls_handshake_failure_info${target()})`, looks.firing),
    ],
    ['Identity'],
  )
    .span(9)
    .height(7)
    .noValue('No failure for a day'),
  table(
    'Who knocked, and the answer',
    'The door is tried without a certificate, and with a rogue one of an unknown authority; both must be refused where the door is to be closed.',
    [
      { head: 'Knock', label: 'knock' },
      { head: 'Answer', label: 'answer', shown: shown.words(looks.answerWords) },
      { head: 'Compared with', label: 'identity' },
      column.mode,
      { labelsOf: `group by (identity, address, knock, answer) (mtls_client_auth_knock${target()}) * on (identity, address) group_left (mode) group by (identity, address, mode) (mtls_client_auth_mode${target()})` },
    ],
    ['Knock'],
  )
    .span(8)
    .height(7)
    .noValue('Nobody knocks: client_auth.expect is not set'),
  listing(
    'Alerts about it',
    'What the alert rules of mtls_exporter say of this target now. A click on an alert opens its runbook.',
    'ALERTS{alertname=~"Mtls.+", target=~"$target"}',
    [column.severity, column.openRunbook, { head: 'State', label: 'alertstate' }],
    ['Severity', 'Alert'],
  )
    .span(7)
    .height(7),
);

const over = (series: string, name: string) => overTime(`min(${series})`, name);

const history = section(
  'History',
  states(
    'History',
    'Each judgement over time. A gap: not judged, because the server was down or the answer was not certain.',
    over(`mtls_probe_success${target()}`, 'as expected'),
    over(`mtls_target_reachable${target()}`, 'reachable'),
    over(`mtls_chain_valid${served()}`, 'chain trusted'),
    over(`mtls_hostname_match${served()}`, 'name matches'),
    over(`mtls_client_certificate_accepted${target()}`, 'our certificate accepted'),
    over(`mtls_client_auth_enforced${target()}`, 'door enforced'),
  ).mappings(looks.yesOrNo),
  states(
    'Reasons of failure',
    'When the handshake failed, and why.',
    overTime(`max by (stage, reason) (mtls_handshake_failure_info${target()})`, '{{stage}}: {{reason}}'),
  )
    .height(5)
    .mappings(looks.firing)
    .noValue('No failure in this time'),
  countdown(
    'Days left',
    'The certificates of the chain that end within a year. A line falls by one a day and jumps where a certificate was renewed.',
    looks.days,
    overTime(`min by (${certificate}) (mtls_certificate_expiry_days${served()} < 366)`, '{{position}}: {{subject_cn}}'),
  ).span(8),
  timeSeries(
    'How long a probe takes',
    "From connecting to the verdict, by identity; the wait for a late refusal is part of it. The exporter's own queueing is not.",
    overTime(`max by (identity) (mtls_probe_duration_seconds${target()})`, '{{identity}}'),
  )
    .span(8)
    .unit('s')
    .min(0),
  timeSeries(
    'Where the time goes',
    'The phases of a probe: resolve, connect, dialogue, handshake, verdict. Published at `metrics.detail: full`.',
    overTime(`max by (phase) (mtls_probe_phase_duration_seconds${target()})`, '{{phase}}'),
  )
    .span(8)
    .unit('s')
    .min(0)
    .noValue('Needs metrics.detail: full'),
);

export const targetPage = (): DashboardBuilder =>
  dashboard(
    'mtls-target',
    'mTLS / Target',
    'One server: its chain, the verdict on our certificate, its door, and its history.',
    [targetChoice(), identityChoice()],
    [verdict, chain, failure, history],
  );
