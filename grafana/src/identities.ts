// What lies at rest: the identities we present, the roots we trust, the files and the authorities' books.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, identityChoice, ownerChoice } from './frame.js';
import { toTarget } from './links.js';
import * as looks from './looks.js';
import { bars, stacked, stat, table, timeSeries } from './panels.js';
import { all, countOf, estate, now, overTime } from './queries.js';

const { shown } = looks;

const identity = (...matchers: string[]): string => estate('identity=~"$identity"', ...matchers);
const ofIdentities = (...matchers: string[]): string => identity('source="identity"', ...matchers);
const atRest = 'source=~"file|authority"';

function glance(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('At a glance'))
    .withPanel(
      stat('Identities', 'Client identities of the configuration.')
        .targets(all(now(countOf(`group by (identity) (mtls_identity_usable${identity()})`)))),
    )
    .withPanel(
      stat('Not usable', 'Identities with which no handshake can be attempted: a file is missing, a key does not fit, a passphrase does not open it.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(countOf(`min by (identity) (mtls_identity_usable${identity()}) == 0`)))),
    )
    .withPanel(
      stat('Next identity to end', 'Days until the first certificate of an identity ends that has not ended yet.')
        .unit(looks.days)
        .decimals(1)
        .thresholds(looks.daysLeft())
        .targets(all(now(`min(mtls_certificate_expiry_days${ofIdentities('position="0"')} >= 0)`))),
    )
    .withPanel(
      stat('Sources in trouble', 'Trust stores, files, authorities and discoveries of which something could not be read.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(countOf(`min by (source, name) (mtls_source_up${estate()}) == 0`)))),
    )
    .withPanel(
      stat('CRLs past their update', 'Revocation lists whose next update is overdue: strict verifiers refuse everything under them.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(countOf(`mtls_crl_next_update_timestamp_seconds${estate()} < time()`)))),
    )
    .withPanel(
      stat('Served stale', 'Targets that still serve an older certificate than the one on their disk: renewed, not reloaded.')
        .thresholds(looks.noneIsWell(looks.soon))
        .targets(all(now(countOf(`max by (target) (mtls_served_certificate_stale${estate()}) == 1`)))),
    );
}

const each = 'identity, owner';

function identities(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Identities'))
    .withPanel(
      table(
        'Identities, worst first',
        'Every client identity: whether it can be used, how long its certificate lasts, and how many servers accept or refuse it.',
        [
          { head: 'Identity', label: 'identity' },
          { head: 'Owner', label: 'owner' },
          { head: 'Usable', value: `min by (${each}) (mtls_identity_usable${identity()})`, shown: shown.words(looks.yesOrNo) },
          { head: 'Days left', value: `min by (${each}) (mtls_certificate_expiry_days${ofIdentities('position="0"')})`, shown: shown.daysLeft() },
          { head: 'Chain', value: `min by (${each}) (mtls_chain_valid${ofIdentities()})`, shown: shown.words(looks.trusted) },
        ],
        ['Usable', 'Days left'],
      )
        .span(14)
        .height(8),
    )
    .withPanel(
      table(
        'Accepted and refused',
        'At how many targets each identity is tried, accepted and refused.',
        [
          { head: 'Identity', label: 'identity' },
          { head: 'Targets', value: `count by (identity) (group by (identity, target) (mtls_target_reachable${identity('identity!=""')}))` },
          { head: 'Accepted', value: `sum by (identity) (min by (identity, target) (mtls_client_certificate_accepted${identity()}))` },
          {
            head: 'Refused',
            value: `count by (identity) (min by (identity, target) (mtls_client_certificate_accepted${identity()})) - sum by (identity) (min by (identity, target) (mtls_client_certificate_accepted${identity()}))`,
            shown: shown.count(),
          },
        ],
        ['Identity'],
      )
        .span(10)
        .height(8),
    )
    .withPanel(
      table(
        'Problems of identities',
        'Findings about the identities themselves: files, keys, passphrases, dates, purpose, chain. The README says what each word means.',
        [
          { head: 'Identity', label: 'identity' },
          { head: 'Problem', label: 'problem' },
          { labelsOf: `group by (identity, problem) (mtls_identity_problem${identity()})` },
        ],
        ['Identity'],
      )
        .span(8)
        .height(8)
        .noValue('None'),
    )
    .withPanel(
      bars('Days left', 'The certificates of the identities, the first to end on top. A full bar is 90 days.')
        .span(16)
        .height(8)
        .max(90)
        .unit(looks.days)
        .decimals(1)
        .thresholds(looks.daysLeft())
        .targets(all(now(`sort(min by (identity, subject_cn) (mtls_certificate_expiry_days${ofIdentities('position="0"')}))`, '{{identity}}: {{subject_cn}}'))),
    );
}

const source = 'source, name';
const list = 'source, name, issuer';

function sources(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Trust stores, files and authorities'))
    .withPanel(
      table(
        'Sources, worst first',
        'Everything that certificates are read from. "Down" says that something of the source could not be read, or that nothing was found; what could be read is watched all the same. "Left out" counts certificates for which there is no series, because they are too many or end too late.',
        [
          { head: 'Source', label: 'source' },
          { head: 'Name', label: 'name' },
          { head: 'Up', value: `min by (${source}) (mtls_source_up${estate()})`, shown: shown.words(looks.upOrDown) },
          { head: 'Certificates', value: `max by (${source}) (mtls_source_certificates${estate()})`, shown: shown.unit('short', 0) },
          { head: 'Left out', value: `max by (${source}) (mtls_source_series_dropped${estate()})`, shown: shown.unit('short', 0) },
          { head: 'Errors', value: `sum by (${source}) (mtls_source_errors_total${estate()})`, shown: shown.count() },
        ],
        ['Up', 'Source'],
      ).span(14),
    )
    .withPanel(
      stacked('Errors of sources', 'Failures to read a source, per second, by reason.')
        .span(10)
        .height(9)
        .unit('cps')
        .noValue('None')
        .targets(all(overTime(`sum by (source, name, reason) (rate(mtls_source_errors_total${estate()}[$__rate_interval])) > 0`, '{{source}} {{name}}: {{reason}}'))),
    )
    .withPanel(
      bars('Trusted roots', 'The ten certificates of the trust stores that end first.')
        .span(12)
        .unit(looks.days)
        .decimals(0)
        .thresholds(looks.daysLeft())
        .targets(all(now(`sort(bottomk(10, min by (target, subject_cn) (mtls_certificate_expiry_days${estate('source="trust"')})))`, '{{target}}: {{subject_cn}}'))),
    )
    .withPanel(
      bars('Certificates at rest', 'The ten certificates in files and in books of authorities that end first. A full bar is 90 days.')
        .span(12)
        .max(90)
        .noValue('No files or authorities are configured')
        .unit(looks.days)
        .decimals(1)
        .thresholds(looks.daysLeft())
        .targets(all(now(`sort(bottomk(10, min by (source, target, subject_cn) (mtls_certificate_expiry_days${estate(atRest)})))`, '{{source}} {{target}}: {{subject_cn}}'))),
    )
    .withPanel(
      bars('What the authorities have issued', 'The books of each authority: valid, expired, revoked, superseded by a later one, held.')
        .span(8)
        .noValue('No authorities are configured')
        .decimals(0)
        .targets(all(now(`sum by (name, state) (mtls_authority_certificates${estate()})`, '{{name}}: {{state}}'))),
    )
    .withPanel(
      timeSeries('CRLs: time to the next update', 'How long each revocation list is still current. Below 0 it is overdue.')
        .span(8)
        .noValue('No CRLs are configured')
        .unit('s')
        .axisSoftMin(0)
        .fillOpacity(0)
        .targets(all(overTime(`min by (source, name, issuer) (mtls_crl_next_update_timestamp_seconds${estate()}) - time()`, '{{source}} {{name}}: {{issuer}}'))),
    )
    .withPanel(
      table(
        'Served older than on disk',
        'Targets whose certificate on disk is newer than the one they serve. They want a reload.',
        [
          { head: 'Target', label: 'target', shown: shown.link('Open the target', toTarget()) },
          { head: 'File', label: 'path' },
          { labelsOf: `group by (target, path) (mtls_served_certificate_stale${estate()} == 1)` },
        ],
        ['Target'],
      )
        .span(8)
        .height(8)
        .noValue('None'),
    )
    .withPanel(
      table(
        'Revocation lists',
        'The latest list of each issuer, of trust stores and of files: when it was made, when the next is due, its number, and whether an anchor of the trust store signed it.',
        [
          { head: 'Source', label: 'source' },
          { head: 'Name', label: 'name' },
          { head: 'Issuer', label: 'issuer' },
          { head: 'Days left', value: `(min by (${list}) (mtls_crl_next_update_timestamp_seconds${estate()}) - time()) / 86400`, shown: shown.daysLeftOfList() },
          { head: 'Next update', value: `min by (${list}) (mtls_crl_next_update_timestamp_seconds${estate()}) * 1000`, shown: shown.unit('dateTimeAsIso') },
          { head: 'Made', value: `max by (${list}) (mtls_crl_this_update_timestamp_seconds${estate()}) * 1000`, shown: shown.unit('dateTimeAsIso') },
          { head: 'Number', value: `max by (${list}) (mtls_crl_number${estate()})`, shown: shown.unit('none', 0) },
          { head: 'Genuine', value: `min by (${list}) (mtls_crl_genuine${estate()})`, shown: shown.words(looks.yesOrNo) },
        ],
        ['Days left'],
      )
        .height(6)
        .noValue('No CRLs are configured'),
    );
}

export function identitiesPage(): DashboardBuilder {
  const page = dashboard(
    'mtls-identities',
    'mTLS / Identities and CAs',
    'What lies at rest: the identities we present, the roots we trust, files, and the books of authorities.',
    ownerChoice(),
    identityChoice(),
  );
  glance(page);
  identities(page);
  sources(page);
  return page;
}
