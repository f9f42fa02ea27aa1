// Who calls our servers, as their logs tell: those that expire first.
import {apart, days, element, mark, owner, spaced, urgency} from './dom.js';
import {date, dateAndAgo} from './time.js';

// One that is silent wakes nobody.
const marked = (one) => mark(one.standing, one.calling ? spaced(one.state) : `${spaced(one.state)}, silent`);

const from = (one) => one.addresses.length === 0 ? '–' : one.addresses.slice(-3).join(', ') + (one.addresses.length > 3 || one.more_addresses ? ' and others' : '');

const caller = (one) => element('tr', {},
  element('td', {}, marked(one)), element('th', {scope: 'row'}, apart(one.subject_cn, 120)), element('td', {}, apart(one.door)), element('td', {}, owner(one.labels)),
  element('td', {class: 'number'}, element('span', {class: urgency(one.expiry_severity)}, days(one.expiry_days, one.expiry === null))), element('td', {}, date(one.expiry, one.expiry === null)),
  element('td', {}, dateAndAgo(one.last_seen)), element('td', {class: 'number'}, one.accepted.toLocaleString('en')), element('td', {class: 'number'}, one.refused.toLocaleString('en')),
  element('td', {}, apart(from(one), 120)));

const numbers = new Set(['Days left', 'Accepted', 'Refused']);
const heads = ['State', 'Caller', 'Door', 'Owner', 'Days left', 'Expires', 'Last seen', 'Accepted', 'Refused', 'From'];

export function callersView(estate, {all}) {
  const callers = estate.callers ?? [], known = Object.values(estate.counts_by_kind.caller ?? {}).reduce((sum, count) => sum + count, 0);
  const title = element('h2', {}, 'Callers');
  if (callers.length === 0) return [element('section', {}, title, element('p', {class: 'empty'}, 'Nobody has called yet, or no logs of callers are configured.'))];
  return [element('section', {}, title, element('div', {class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Callers'}, element('table', {class: 'plain'},
    element('thead', {}, element('tr', {}, heads.map((head) => element('th', {scope: 'col', class: numbers.has(head) && 'number'}, head)))),
    element('tbody', {}, callers.map(caller)))),
    known > all && element('p', {class: 'muted'}, `${all.toLocaleString('en')} of ${known.toLocaleString('en')}: of each door those that expire first. The CSV has all.`))];
}
