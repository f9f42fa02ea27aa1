// What we hold ourselves, identities and trust stores; and where certificates lie at rest.
import {apart, days, element, mark, owner, spaced, urgency} from './dom.js';
import {date, dateAndAgo} from './time.js';

const ending = (slot) => [
  element('td', {class: 'number'}, element('span', {class: urgency(slot.expiry_severity)}, days(slot.expiry_days, slot.expiry_unreadable))), element('td', {}, date(slot.expiry, slot.expiry_unreadable))];

// Up, and all is well with what was read; else the state, or that it is down.
const stands = (slot) => mark(slot.state, slot.state === 'pending' ? 'pending' : !slot.up ? 'down' : slot.state === 'good' ? 'up' : slot.state);

const problem = (one) => element('li', {}, element('code', {class: one.severity === 'critical' ? 'failed' : 'attention'}, one.finding), ` ${one.meaning}`,
  one.detail && [': ', apart(one.detail)]);

const identity = (slot) => element('tr', {},
  element('td', {}, mark(slot.state, !slot.usable ? 'unusable' : slot.state === 'good' ? 'usable' : slot.state)),
  element('th', {scope: 'row'}, apart(slot.identity)), element('td', {}, owner(slot.labels)), element('td', {}, apart(slot.subject_cn, 120)), element('td', {}, apart(slot.issuer_cn, 120)),
  ending(slot), element('td', {}, slot.problems.length > 0 ? element('ul', {class: 'problems'}, slot.problems.map(problem)) : '–'));

const errors = (slot) => Object.entries(slot.errors).filter(([, count]) => count > 0).map(([reason, count]) => `${spaced(reason)}: ${count}`).join(', ') || '–';

// Revoked in the database, and in no list: servers let them in.
const unlisted = (slot) => slot.revocations_unmatched && slot.revocations_unmatched.only_in_index > 0
  && element('p', {class: 'attention'}, `${slot.revocations_unmatched.only_in_index.toLocaleString('en')} revoked and in no published list`);

const found = (slot) => slot.states === null ? slot.certificates.toLocaleString('en')
  : Object.entries(slot.states).filter(([, count]) => count > 0).map(([state, count]) => `${count.toLocaleString('en')} ${state}`).join(', ') || '0';

const resting = (slot) => element('tr', {},
  element('td', {}, stands(slot)), element('th', {scope: 'row'}, apart(slot.name)),
  element('td', {}, owner(slot.labels)), element('td', {}, slot.source), element('td', {}, found(slot), unlisted(slot)), ending(slot), element('td', {}, errors(slot)));

const store = (slot) => element('tr', {},
  element('td', {}, stands(slot)), element('th', {scope: 'row'}, apart(slot.name)), element('td', {}, owner(slot.labels)),
  element('td', {class: 'number'}, slot.certificates.toLocaleString('en')), ending(slot),
  element('td', {}, errors(slot)));

// Where a discovery met what it could not follow: the place, the reason and what stands there.
const trouble = (one) => element('li', {}, element('code', {class: 'attention'}, one.line === null ? one.place : `${one.place}:${one.line}`), ` ${spaced(one.reason)}: `, apart(one.detail, 300));

const discovery = (slot) => element('tr', {},
  element('td', {}, stands(slot)), element('th', {scope: 'row'}, apart(slot.name)),
  element('td', {class: 'number'}, slot.targets.toLocaleString('en')), element('td', {}, dateAndAgo(slot.refreshed)),
  element('td', {}, slot.troubles_total > 0 ? element('ul', {class: 'problems'}, slot.troubles.map(trouble),
    slot.troubles_total > slot.troubles.length && element('li', {}, `and ${(slot.troubles_total - slot.troubles.length).toLocaleString('en')} more`)) : '–'));

const numbers = new Set(['Days left', 'Anchors', 'Targets']);

// `filtered`: what the filter leaves nothing of is not there.
const table = (title, heads, lines, nothing, csv, filtered) => !(filtered && lines.length === 0) && element('section', {}, element('h2', {}, title, ' ', element('a', {class: 'csv', href: `api/v1/${csv}.csv`, 'aria-label': `${title} as CSV`}, 'csv')),
  lines.length === 0 ? element('p', {class: 'empty'}, nothing)
    : element('div', {class: 'wide', tabindex: 0, role: 'region', 'aria-label': title}, element('table', {class: 'plain'},
      element('thead', {}, element('tr', {}, heads.map((head) => element('th', {scope: 'col', class: numbers.has(head) && 'number'}, head)))), element('tbody', {}, lines))));

export function sourcesView(estate, {filtered}) {
  return [
    table('Identities', ['State', 'Identity', 'Owner', 'Certificate', 'Issuer', 'Days left', 'Expires', 'Problems'], estate.identities.map(identity),
      'No identity is configured: servers are asked without a client certificate.', 'identities', filtered),
    table('Trust stores', ['State', 'Name', 'Owner', 'Anchors', 'Days left', 'First expires', 'Errors since the start'], estate.trust.map(store),
      'No trust store is configured: chains are judged against the system’s.', 'trust', filtered),
    table('Certificates at rest', ['State', 'Name', 'Owner', 'Kind', 'Certificates', 'Days left', 'First expires', 'Errors since the start'], estate.sources.map(resting),
      'No files and no authorities are configured.', 'sources', filtered),
    table('Discoveries', ['State', 'Name', 'Targets', 'Whole list of', 'What could not be followed'], estate.discoveries.map(discovery),
      'No discovery is configured: the targets are those of the configuration.', 'discoveries', filtered)];
}
