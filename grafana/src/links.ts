// Where the cells of a table lead: to the target, the identity or the runbook that the row is about.

import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';

const link = (title: string, url: string): DynamicConfigValue[] => [{ id: 'links', value: [{ title, url }] }];
const kept = '${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${__url_time_range}';
const cell = (head: string): string => `\${__data.fields["${head}"]:percentencode}`;

/** The dashboard of the target in the column `head`. */
export const toTarget = (head = 'Target'): DynamicConfigValue[] =>
  link('Open the target', `/d/mtls-target?var-target=${cell(head)}&${kept}`);

/** The dashboard of the identities, at the one in the column `head`. */
export const toIdentity = (head = 'Identity'): DynamicConfigValue[] =>
  link('Open the identity', `/d/mtls-identities?var-identity=${cell(head)}&${kept}`);

/** What to do about the alert in the column `head`. */
export const toRunbook = (head = 'Alert'): DynamicConfigValue[] => link('Open the runbook', `\${runbooks:raw}/${cell(head)}.md`);
