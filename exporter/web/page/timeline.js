// What expires in the next ninety days: a strip with a bar for each day, and a list.
import {apart, days, element, shown, svg, urgency} from './dom.js';
import {date} from './time.js';

const span = 90;       // days, as the exporter sends them
const atOnce = 200;    // lines of the list before it asks

const dayOf = (expiry) => Math.max(-1, Math.min(span - 1, Math.floor(expiry.expiry_days)));
const worded = (count) => (count === 1 ? '1 certificate' : `${count.toLocaleString('en')} certificates`);

function summary(estate) {
  const within = (limit) => estate.expiries_by_day.slice(1, limit + 1).reduce((sum, count) => sum + count, 0);
  const over = estate.expiries_by_day[0];
  const parts = [over > 0 && `${over.toLocaleString('en')} expired`, `${within(7).toLocaleString('en')} within 7 days`, `${within(30).toLocaleString('en')} within 30`];
  return estate.expiries_total === 0 ? 'Nothing expires in the next 90 days'
    : `${worded(estate.expiries_total)} to renew in 90 days: ${parts.filter(Boolean).join(', ')}`;
}

const names = (expiries, count) => expiries.slice(0, 5).map((expiry) => shown(expiry.subject_cn, 80)).join(', ') + (count > 5 ? ` and ${count - 5} more` : '');

function bars(estate) {
  const named = new Map();
  for (const expiry of estate.expiries) named.set(dayOf(expiry), [...(named.get(dayOf(expiry)) ?? []), expiry]);
  const most = Math.max(...estate.expiries_by_day);
  return estate.expiries_by_day.map((count, at) => {
    if (count === 0) return null;
    // By root, so that one certificate is seen beside a day of a thousand.
    const height = 6 + 34 * Math.sqrt(count / most), day = at - 1;
    const worst = ['critical', 'warning'].find((severity) => named.get(day)?.some((one) => one.expiry_severity === severity));
    return svg('rect', {x: at * 10 + 1, y: 44 - height, width: 8, height, rx: 1, class: urgency(worst) || 'calm'},
      svg('title', {}, `${day < 0 ? 'expired' : `in ${day} days`}: ${names(named.get(day) ?? [], count)}`));
  });
}

const weeks = Array.from({length: 13}, (_, week) => svg('line', {x1: week * 70 + 10, x2: week * 70 + 10, y1: 0, y2: 44, class: 'week'}));

// The strip above the table.
export function strip(estate) {
  const said = summary(estate);
  return element('section', {class: 'strip', 'aria-label': 'Expiries in the next 90 days'},
    element('a', {href: '#/expiries', class: 'strip-words'}, said),
    svg('svg', {viewBox: '0 0 910 45', preserveAspectRatio: 'none', role: 'img', 'aria-label': said}, weeks,
      svg('line', {x1: 0, x2: 910, y1: 44, y2: 44, class: 'axis'}), bars(estate)),
    element('p', {class: 'ticks', 'aria-hidden': 'true'}, ['today', '30 days', '60 days', '90 days'].map((tick) => element('span', {}, tick))));
}

const place = ({source, name}) => (source === 'server'
  ? element('a', {href: `#/watch/${encodeURIComponent(name)}`}, apart(name))
  : element('span', {}, `${source} `, apart(name)));

const line = (expiry) => element('tr', {},
  element('td', {class: 'number'}, element('span', {class: urgency(expiry.expiry_severity)}, days(expiry.expiry_days))),
  element('td', {}, date(expiry.expiry)),
  element('th', {scope: 'row'}, apart(expiry.subject_cn, 120), expiry.authority && element('span', {class: 'tag'}, 'authority')),
  element('td', {}, apart(expiry.issuer_cn, 120)),
  element('td', {class: 'places'}, expiry.places.map((one, at) => [at > 0 && ', ', place(one)]),
    expiry.places_total > expiry.places.length && ` and ${expiry.places_total - expiry.places.length} more`));

// The view: `limit` is how many lines are shown; `more` is called to show more. `filtered`: some lines are left out.
export function expiriesView(estate, limit, more, filtered = false) {
  const left = Math.min(estate.expiries.length, limit);
  const button = element('button', {type: 'button', class: 'more'}, `Show more of ${estate.expiries.length}`);
  button.addEventListener('click', () => more(limit + atOnce));
  return [element('h2', {}, 'Expiries'), strip(estate),
    left === 0 ? element('p', {class: 'empty'}, 'No certificate that this exporter knows expires in the next 90 days.')
      : element('div', {class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Certificates that expire soon'}, element('table', {class: 'plain'},
        element('thead', {}, element('tr', {},
          ['Days left', 'Expires', 'Certificate', 'Issuer', 'Where'].map((title, at) => element('th', {scope: 'col', class: at === 0 && 'number'}, title)))),
        element('tbody', {}, estate.expiries.slice(0, left).map(line)))),
    left < estate.expiries.length && button,
    !filtered && estate.expiries_total > estate.expiries.length &&
      element('p', {class: 'muted'}, `The ${estate.expiries.length} that expire first, of ${estate.expiries_total}.`)];
}
expiriesView.atOnce = atOnce;
