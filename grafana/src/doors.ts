// Who gets in where: every identity of ours at every server, and those who must not get in at all.

import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

import { dashboard, ownerChoice, section } from './frame.js';
import { toTarget } from './links.js';
import * as looks from './looks.js';
import { bars, stat, states, troubles } from './panels.js';
import { countOf, estate, now, numbers, overTime, verdicts } from './queries.js';
import * as column from './tables.js';
import { matrix, table } from './tables.js';

const { shown } = looks;

const answer = (word: string): string => `mtls_client_auth_knock${estate(`answer="${word}"`)}`;
const answerNumbers = numbers('target, knock', [answer('admitted'), 0], [answer('undetermined'), 1], [answer('refused'), 2]);

const mode = (...matchers: string[]): string => `mtls_client_auth_mode${estate(...matchers)}`;

const glance = section(
  'At a glance',
  stat(
    'Enforced',
    'Doors that turn away whom they must, proven by knocking.',
    countOf(`min by (target) (mtls_client_auth_enforced${estate()}) == 1`),
  ).thresholds(looks.well()),
  troubles(
    'Holes',
    'Doors that let in whom they must turn away.',
    countOf(`min by (target) (mtls_client_auth_enforced${estate()}) == 0`),
  ),
  troubles(
    'Undetermined',
    'Doors of which nothing is known for certain: the server is down, or a knock failed before it could be judged. Never counted as enforced.',
    countOf(`group by (target) (${mode('mode="undetermined"')} or mtls_target_reachable${estate()} == 0)`),
    looks.soon,
  ),
  troubles(
    'Refuse our identity',
    'Servers that turned away a client certificate of ours.',
    countOf(`min by (target) (mtls_client_certificate_accepted${estate()}) == 0`),
  ),
  troubles(
    'Do not list our issuer',
    'Servers whose list of acceptable CAs does not name the issuer of our identity: some clients would not even send it.',
    countOf(`min by (target) (mtls_client_ca_listed${estate()}) == 0`),
    looks.soon,
  ),
  troubles(
    'CA lists that changed',
    'Servers whose list of acceptable CAs was another one at some time of the time range.',
    countOf(`count by (target) (group by (target, digest) (last_over_time(mtls_acceptable_cas_info${estate()}[$__range]))) > 1`),
    looks.soon,
  ),
);

const each = 'target, identity, owner';

const whoGetsIn = section(
  'Who gets in',
  matrix('Our identities at every server', 'What became of the client certificate of each identity: a row a target, a column an identity. A dash: not tried.', {
    row: 'target',
    column: 'identity',
    expr: verdicts('target, identity', estate),
    words: looks.verdicts,
    link: toTarget('target\\identity'),
  }),
  matrix('Those who must be turned away', 'The answer to every knock: without a certificate (anonymous), with a lookalike of an unknown authority (rogue), and with identities that must be refused.', {
    row: 'target',
    column: 'knock',
    expr: answerNumbers,
    words: looks.answers,
    link: toTarget('target\\knock'),
  }),
  table(
    'How each door is kept',
    'The mode that the two knocks prove: required (both refused), optional (anonymous admitted, rogue refused), any_certificate and open (holes), none (never asks), undetermined (an answer is missing).',
    [
      column.openTarget,
      column.identity,
      column.owner,
      column.judged('Enforced', `min by (${each}) (mtls_client_auth_enforced${estate()})`, looks.door),
      column.mode,
      { labelsOf: `group by (${each}, mode) (${mode()})` },
      column.judged('Asks for a certificate', `min by (${each}) (mtls_client_certificate_requested${estate()})`, looks.asked),
    ],
    ['Enforced', 'Target'],
  ).span(16),
  bars('Doors by mode', 'How many targets are kept in which mode.', now(`count by (mode) (group by (target, mode) (${mode()}))`, '{{mode}}'))
    .span(8)
    .height(9)
    .decimals(0),
  states(
    'Enforcement over time',
    'Each judged door. A gap: it could not be told, as while the server is down.',
    overTime(`min by (target) (mtls_client_auth_enforced${estate()})`, '{{target}}'),
  ).mappings(looks.door),
);

const acceptable = section(
  'Acceptable CAs',
  table(
    'Lists of acceptable CAs',
    'What each server says it accepts: the length of its list, whether it names the issuer of our identity, and a digest that changes exactly when the list does.',
    [
      column.openTarget,
      column.identity,
      column.count('CAs', `max by (${each}) (mtls_acceptable_cas${estate()})`),
      column.judged('Our issuer listed', `min by (${each}) (mtls_client_ca_listed${estate()})`, looks.yesOrNo),
      { head: 'Digest', label: 'digest' },
      { labelsOf: `group by (${each}, digest) (mtls_acceptable_cas_info${estate()})` },
      column.owner,
    ],
    ['Our issuer listed', 'Target'],
  ).span(12),
  table(
    'Findings about the lists',
    'Lists that are empty, name a public root, or name a CA that has expired.',
    [column.finding, column.openTarget, { labelsOf: `group by (target, problem) (mtls_acceptable_cas_problem${estate()})` }],
    ['Finding', 'Target'],
  )
    .span(6)
    .noValue('None'),
  table(
    'Names on the lists',
    'How many servers accept which CA. Published at `metrics.detail: full`.',
    [
      { head: 'CA', label: 'name' },
      {
        head: 'Servers',
        value: `count by (name) (group by (target, name) (mtls_acceptable_ca_info${estate()}))`,
        shown: [...shown.unit('short', 0), ...shown.width(90)],
      },
    ],
    ['CA'],
  )
    .span(6)
    .noValue('Needs metrics.detail: full'),
);

export const doorsPage = (): DashboardBuilder =>
  dashboard(
    'mtls-doors',
    'mTLS / Doors',
    'Who gets in where: our identities at every server, and those who must be turned away.',
    [ownerChoice()],
    [glance, whoGetsIn, acceptable],
  );
