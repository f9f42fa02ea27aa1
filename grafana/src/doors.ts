// Who gets in where: every identity of ours at every server, and those who must not get in at all.

import { RowBuilder, type DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, ownerChoice } from './frame.js';
import { toTarget } from './links.js';
import * as looks from './looks.js';
import { bars, matrix, stat, states, table } from './panels.js';
import { all, countOf, estate, now, numbers, overTime, verdicts } from './queries.js';

const { shown } = looks;

const openTarget = (head: string) => shown.link('Open the target', toTarget(head));


const answer = (word: string): string => `mtls_client_auth_knock${estate(`answer="${word}"`)}`;
const answerNumbers = numbers('target, knock', [answer('admitted'), 0], [answer('undetermined'), 1], [answer('refused'), 2]);

const mode = (...matchers: string[]): string => `mtls_client_auth_mode${estate(...matchers)}`;

function glance(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('At a glance'))
    .withPanel(
      stat('Enforced', 'Doors that turn away whom they must, proven by knocking.')
        .thresholds(looks.well())
        .targets(all(now(countOf(`min by (target) (mtls_client_auth_enforced${estate()}) == 1`)))),
    )
    .withPanel(
      stat('Holes', 'Doors that let in whom they must turn away.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(countOf(`min by (target) (mtls_client_auth_enforced${estate()}) == 0`)))),
    )
    .withPanel(
      stat('Undetermined', 'Doors of which nothing is known for certain: the server is down, or a knock failed before it could be judged. Never counted as enforced.')
        .thresholds(looks.noneIsWell(looks.soon))
        .targets(all(now(countOf(`group by (target) (${mode('mode="undetermined"')} or mtls_target_reachable${estate()} == 0)`)))),
    )
    .withPanel(
      stat('Refuse our identity', 'Servers that turned away a client certificate of ours.')
        .thresholds(looks.noneIsWell())
        .targets(all(now(countOf(`min by (target) (mtls_client_certificate_accepted${estate()}) == 0`)))),
    )
    .withPanel(
      stat('Do not list our issuer', "Servers whose list of acceptable CAs does not name the issuer of our identity: some clients would not even send it.")
        .thresholds(looks.noneIsWell(looks.soon))
        .targets(all(now(countOf(`min by (target) (mtls_client_ca_listed${estate()}) == 0`)))),
    )
    .withPanel(
      stat('CA lists that changed', 'Servers whose list of acceptable CAs was another one at some time of the time range.')
        .thresholds(looks.noneIsWell(looks.soon))
        .targets(all(now(countOf(`count by (target) (group by (target, digest) (last_over_time(mtls_acceptable_cas_info${estate()}[$__range]))) > 1`)))),
    );
}

function whoGetsIn(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Who gets in'))
    .withPanel(
      matrix('Our identities at every server', 'What became of the client certificate of each identity: a row a target, a column an identity. A dash: not tried.', {
        row: 'target',
        column: 'identity',
        expr: verdicts('target, identity', estate),
        words: looks.verdicts,
        link: openTarget('target\\identity'),
      }),
    )
    .withPanel(
      matrix('Those who must be turned away', 'The answer to every knock: without a certificate (anonymous), with a lookalike of an unknown authority (rogue), and with identities that must be refused.', {
        row: 'target',
        column: 'knock',
        expr: answerNumbers,
        words: looks.answers,
        link: openTarget('target\\knock'),
      }),
    )
    .withPanel(
      table(
        'How each door is kept',
        'The mode that the two knocks prove: required (both refused), optional (anonymous admitted, rogue refused), any_certificate and open (holes), none (never asks), undetermined (an answer is missing).',
        [
          { head: 'Target', label: 'target', shown: openTarget('Target') },
          { head: 'Identity', label: 'identity' },
          { head: 'Owner', label: 'owner' },
          { head: 'Enforced', value: `min by (target, identity, owner) (mtls_client_auth_enforced${estate()})`, shown: shown.words(looks.door) },
          { head: 'Mode', label: 'mode', shown: shown.words(looks.modes) },
          { labelsOf: `group by (target, identity, owner, mode) (${mode()})` },
          { head: 'Asks for a certificate', value: `min by (target, identity, owner) (mtls_client_certificate_requested${estate()})`, shown: shown.words(looks.asked) },
        ],
        ['Enforced', 'Target'],
      ).span(16),
    )
    .withPanel(
      bars('Doors by mode', 'How many targets are kept in which mode.')
        .span(8)
        .height(9)
        .decimals(0)
        .targets(all(now(`count by (mode) (group by (target, mode) (${mode()}))`, '{{mode}}'))),
    )
    .withPanel(
      states('Enforcement over time', 'Each judged door. A gap: it could not be told, as while the server is down.')
        .height(8)
        .mappings(looks.door)
        .targets(all(overTime(`min by (target) (mtls_client_auth_enforced${estate()})`, '{{target}}'))),
    );
}

const list = 'target, identity, owner';

function acceptable(page: DashboardBuilder): void {
  page
    .withRow(new RowBuilder('Acceptable CAs'))
    .withPanel(
      table(
        'Lists of acceptable CAs',
        'What each server says it accepts: the length of its list, whether it names the issuer of our identity, and a digest that changes exactly when the list does.',
        [
          { head: 'Target', label: 'target', shown: openTarget('Target') },
          { head: 'Identity', label: 'identity' },
          { head: 'CAs', value: `max by (${list}) (mtls_acceptable_cas${estate()})`, shown: shown.unit('short', 0) },
          { head: 'Our issuer listed', value: `min by (${list}) (mtls_client_ca_listed${estate()})`, shown: shown.words(looks.yesOrNo) },
          { head: 'Digest', label: 'digest' },
          { labelsOf: `group by (${list}, digest) (mtls_acceptable_cas_info${estate()})` },
          { head: 'Owner', label: 'owner' },
        ],
        ['Our issuer listed', 'Target'],
      ).span(12),
    )
    .withPanel(
      table(
        'Findings about the lists',
        'Lists that are empty, name a public root, or name a CA that has expired.',
        [
          { head: 'Finding', label: 'problem' },
          { head: 'Target', label: 'target', shown: openTarget('Target') },
          { labelsOf: `group by (target, problem) (mtls_acceptable_cas_problem${estate()})` },
        ],
        ['Finding', 'Target'],
      )
        .span(6)
        .noValue('None'),
    )
    .withPanel(
      table(
        'Names on the lists',
        'How many servers accept which CA. Published at `metrics.detail: full`.',
        [
          { head: 'CA', label: 'name' },
          { head: 'Servers', value: `count by (name) (group by (target, name) (mtls_acceptable_ca_info${estate()}))`, shown: [...shown.unit('short', 0), ...shown.width(90)] },
        ],
        ['CA'],
      )
        .span(6)
        .noValue('Needs metrics.detail: full'),
    );
}

export function doorsPage(): DashboardBuilder {
  const page = dashboard('mtls-doors', 'mTLS / Doors', 'Who gets in where: our identities at every server, and those who must be turned away.', ownerChoice());
  glance(page);
  whoGetsIn(page);
  acceptable(page);
  return page;
}
