// What lies at rest: the identities we present, the roots we trust, the files and the authorities' books.

import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, identityChoice, ownerChoice, section } from './frame.js';
import * as looks from './looks.js';
import { bars, countdown, daysLeft, daysUntil, stacked, stat, troubles } from './panels.js';
import { countOf, estate, now, overTime } from './queries.js';
import * as column from './tables.js';
import { listing, table } from './tables.js';

const { shown } = looks;

const identity = (...matchers: string[]): string => estate('identity=~"$identity"', ...matchers);
const ofIdentities = (...matchers: string[]): string => identity('source="identity"', ...matchers);
const leafDays = `mtls_certificate_expiry_days${ofIdentities('position="0"')}`;
const atRest = 'source=~"file|authority"';

const glance = section(
  'At a glance',
  stat('Identities', 'Client identities of the configuration.', countOf(`group by (identity) (mtls_identity_usable${identity()})`)),
  troubles(
    'Not usable',
    'Identities with which no handshake can be attempted: a file is missing, a key does not fit, a passphrase does not open it.',
    countOf(`min by (identity) (mtls_identity_usable${identity()}) == 0`),
  ),
  daysUntil('Next identity to end', 'Days until the first certificate of an identity ends that has not ended yet.', `min(${leafDays} >= 0)`),
  troubles(
    'Sources in trouble',
    'Trust stores, files, authorities and discoveries of which something could not be read.',
    countOf(`min by (source, name) (mtls_source_up${estate()}) == 0`),
  ),
  troubles(
    'CRLs past their update',
    'Revocation lists whose next update is overdue: strict verifiers refuse everything under them.',
    countOf(`mtls_crl_next_update_timestamp_seconds${estate()} < time()`),
  ),
  troubles(
    'Served stale',
    'Targets that still serve an older certificate than the one on their disk: renewed, not reloaded.',
    countOf(`max by (target) (mtls_served_certificate_stale${estate()}) == 1`),
    looks.soon,
  ),
);

const each = 'identity, owner';
const tried = `count by (identity) (min by (identity, target) (mtls_client_certificate_accepted${identity()}))`;
const accepted = `sum by (identity) (min by (identity, target) (mtls_client_certificate_accepted${identity()}))`;

const identities = section(
  'Identities',
  table(
    'Identities, worst first',
    'Every client identity: whether it can be used, how long its certificate lasts, and how many servers accept or refuse it.',
    [
      column.identity,
      column.owner,
      column.judged('Usable', `min by (${each}) (mtls_identity_usable${identity()})`, looks.yesOrNo),
      column.daysLeft(`min by (${each}) (${leafDays})`),
      column.judged('Chain', `min by (${each}) (mtls_chain_valid${ofIdentities()})`, looks.trusted),
    ],
    ['Usable', 'Days left'],
  )
    .span(14)
    .height(8),
  table(
    'Accepted and refused',
    'At how many targets each identity is tried, accepted and refused.',
    [
      column.identity,
      { head: 'Targets', value: `count by (identity) (group by (identity, target) (mtls_target_reachable${identity('identity!=""')}))` },
      { head: 'Accepted', value: accepted },
      { head: 'Refused', value: `${tried} - ${accepted}`, shown: shown.count() },
    ],
    ['Identity'],
  )
    .span(10)
    .height(8),
  listing(
    'Problems of identities',
    'Findings about the identities themselves: files, keys, passphrases, dates, purpose, chain. docs/findings.md says what each word means.',
    `mtls_identity_problem${identity()}`,
    [column.identity, { head: 'Problem', label: 'problem' }],
    ['Identity'],
  )
    .span(8)
    .height(8),
  daysLeft(
    'Days left',
    'The certificates of the identities, the first to end on top. A full bar is 90 days.',
    `sort(min by (identity, subject_cn) (${leafDays}))`,
    '{{identity}}: {{subject_cn}}',
  )
    .span(16)
    .height(8)
    .max(90)
    .decimals(1),
);

const source = 'source, name';
const list = 'source, name, issuer';
const sourceColumns = [
  { head: 'Source', label: 'source' },
  { head: 'Name', label: 'name' },
];

const sources = section(
  'Trust stores, files and authorities',
  table(
    'Sources, worst first',
    'Everything that certificates are read from. "Down" says that something of the source could not be read, or that nothing was found; what could be read is watched all the same. "Left out" counts certificates for which there is no series, because they are too many or end too late.',
    [
      ...sourceColumns,
      column.judged('Up', `min by (${source}) (mtls_source_up${estate()})`, looks.upOrDown),
      column.count('Certificates', `max by (${source}) (mtls_source_certificates${estate()})`),
      column.count('Left out', `max by (${source}) (mtls_source_series_dropped${estate()})`),
      { head: 'Errors', value: `sum by (${source}) (mtls_source_errors_total${estate()})`, shown: shown.count() },
    ],
    ['Up', 'Source'],
  ).span(14),
  stacked(
    'Errors of sources',
    'Failures to read a source, per second, by reason.',
    overTime(`sum by (source, name, reason) (rate(mtls_source_errors_total${estate()}[$__rate_interval])) > 0`, '{{source}} {{name}}: {{reason}}'),
  )
    .span(10)
    .height(9)
    .unit('cps')
    .noValue('None'),
  daysLeft(
    'Trusted roots',
    'The ten certificates of the trust stores that end first.',
    `sort(bottomk(10, min by (target, subject_cn) (mtls_certificate_expiry_days${estate('source="trust"')})))`,
    '{{target}}: {{subject_cn}}',
  ).decimals(0),
  daysLeft(
    'Certificates at rest',
    'The ten certificates in files and in books of authorities that end first. A full bar is 90 days.',
    `sort(bottomk(10, min by (source, target, subject_cn) (mtls_certificate_expiry_days${estate(atRest)})))`,
    '{{source}} {{target}}: {{subject_cn}}',
  )
    .max(90)
    .noValue('No files or authorities are configured')
    .decimals(1),
  bars(
    'What the authorities have issued',
    'The books of each authority: valid, expired, revoked, superseded by a later one, held.',
    now(`sum by (name, state) (mtls_authority_certificates${estate()})`, '{{name}}: {{state}}'),
  )
    .span(8)
    .noValue('No authorities are configured')
    .decimals(0),
  countdown(
    'CRLs: time to the next update',
    'How long each revocation list is still current. Below 0 it is overdue.',
    's',
    overTime(`min by (${list}) (mtls_crl_next_update_timestamp_seconds${estate()}) - time()`, '{{source}} {{name}}: {{issuer}}'),
  )
    .span(8)
    .noValue('No CRLs are configured'),
  listing(
    'Served older than on disk',
    'Targets whose certificate on disk is newer than the one they serve. They want a reload.',
    `mtls_served_certificate_stale${estate()} == 1`,
    [column.openTarget, { head: 'File', label: 'path' }],
    ['Target'],
  )
    .span(8)
    .height(8),
  table(
    'Revocation lists',
    'The latest list of each issuer, of trust stores and of files: when it was made, when the next is due, its number, and whether an anchor of the trust store signed it.',
    [
      ...sourceColumns,
      { head: 'Issuer', label: 'issuer' },
      {
        head: 'Days left',
        value: `(min by (${list}) (mtls_crl_next_update_timestamp_seconds${estate()}) - time()) / 86400`,
        shown: shown.daysLeftOfList(),
      },
      column.time('Next update', `min by (${list}) (mtls_crl_next_update_timestamp_seconds${estate()})`),
      column.time('Made', `max by (${list}) (mtls_crl_this_update_timestamp_seconds${estate()})`),
      { head: 'Number', value: `max by (${list}) (mtls_crl_number${estate()})`, shown: shown.unit('none', 0) },
      column.judged('Genuine', `min by (${list}) (mtls_crl_genuine${estate()})`, looks.yesOrNo),
    ],
    ['Days left'],
  )
    .height(6)
    .noValue('No CRLs are configured'),
);

export const identitiesPage = (): DashboardBuilder =>
  dashboard(
    'mtls-identities',
    'mTLS / Identities and CAs',
    'What lies at rest: the identities we present, the roots we trust, files, and the books of authorities.',
    [ownerChoice(), identityChoice()],
    [glance, identities, sources],
  );
