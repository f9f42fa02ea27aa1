// The table of watches. Only the rows in sight are in the page, between two fillers, so ten thousand cost what forty do.
import {apart, days, element, linkOf, mark, owner, sameWatch, spaced, urgency, verdictLook} from './dom.js';

const headings = [
  ['state', 'State'], ['target', 'Target'], ['identity', 'Identity'], ['verdict', 'Verdict'], ['cause', 'Reason'],
  ['owner', 'Owner'], ['expiry_days', 'Days left'], ['chain', 'Chain'], ['mode', 'Door'],
];
const beyond = 8;  // rows kept above and below what is in sight

const chainCell = (watch) => {
  if (watch.chain_valid === null) return '–';
  if (!watch.chain_valid) return element('span', {class: 'failed'}, 'invalid');
  if (watch.hostname_match === false) return element('span', {class: 'failed'}, 'other name');
  return watch.chain_complete ? 'valid' : element('span', {class: 'attention'}, 'incomplete');
};
const doorCell = (watch) =>
  watch.mode ? element('span', {class: watch.enforced === false ? 'failed' : watch.mode === 'undetermined' ? 'attention' : ''}, spaced(watch.mode)) : '–';
const verdictCell = (watch) =>
  watch.verdict ? element('span', {class: watch.verdict === 'accepted' ? '' : verdictLook(watch)}, spaced(watch.verdict)) : '–';
const causeCell = (watch) => [
  watch.cause_word && element('code', {}, watch.cause_word), apart(watch.cause || '–')];

export class WatchTable {
  constructor(onSort) {
    this.rows = [];
    this.active = 0;
    this.body = element('tbody');
    this.heads = headings.map(([key, title]) => {
      const button = element('button', {type: 'button'}, title);
      button.addEventListener('click', () => onSort(key));
      return element('th', {scope: 'col', class: `c-${key}`}, button);
    });
    this.table = element('table', {class: 'watches'},
      element('caption', {class: 'unseen'}, 'Every target with every identity. Arrow keys move between rows, Enter opens one.'),
      element('thead', {}, element('tr', {'aria-rowindex': 1}, this.heads)), this.body);
    this.empty = element('p', {class: 'empty', hidden: true});
    this.scroller = element('div', {class: 'scroller', role: 'region', 'aria-label': 'Watches'}, this.table, this.empty);
    this.scroller.addEventListener('scroll', () => this.draw(), {passive: true});
    this.body.addEventListener('click', (event) => this.open(event));
    this.body.addEventListener('focusin', (event) => this.enter(event.target));
    this.body.addEventListener('keydown', (event) => this.move(event));
    new ResizeObserver(() => this.draw()).observe(this.scroller);
  }

  // Shows `rows`; the row that was the active one stays it, and the scroll position stays.
  show(rows, column, descending, emptiness, owners) {
    const was = this.rows[this.active];
    this.rows = rows;
    const again = was ? rows.findIndex((row) => sameWatch(row, was) && row.group === was.group) : -1;
    this.active = Math.max(0, again);
    headings.forEach(([key], at) => this.heads[at].setAttribute('aria-sort', key !== column ? 'none' : descending ? 'descending' : 'ascending'));
    this.table.classList.toggle('without-owners', !owners);
    this.table.setAttribute('aria-rowcount', rows.length + 1);
    this.empty.hidden = rows.length > 0;
    this.empty.textContent = emptiness;
    this.drawn = null;
    this.draw();
  }

  top() {
    this.active = 0;
    this.scroller.scrollTop = 0;
  }

  rowHeight() {
    return parseFloat(getComputedStyle(this.scroller).getPropertyValue('--row')) || 34;
  }

  draw() {
    const height = this.rowHeight(), all = this.rows.length;
    const first = Math.max(0, Math.min(all - 1, Math.floor(this.scroller.scrollTop / height)) - beyond);
    const last = Math.min(all, first + Math.ceil((this.scroller.clientHeight || 600) / height) + 2 * beyond);
    const window = `${first} ${last} ${height} ${this.active}`;
    if (this.drawn === window) return;
    this.drawn = window;
    const focused = this.body.contains(document.activeElement);
    // Tab comes to the active row, or to the first in sight when that one is out of it.
    const entry = this.active >= first && this.active < last ? this.active : Math.min(last - 1, first + beyond);
    const rows = [];
    for (let at = first; at < last; ++at) rows.push(this.row(this.rows[at], at, at === entry));
    this.body.replaceChildren(this.filler(first * height), ...rows, this.filler((all - last) * height));
    if (focused) this.body.querySelector('[tabindex="0"]')?.focus({preventScroll: true});
  }

  filler(height) {
    const cell = element('td', {colspan: headings.length});
    cell.style.height = `${height}px`;
    const row = element('tr', {class: 'filler', 'aria-hidden': 'true'}, cell);
    row.hidden = height === 0;
    return row;
  }

  // The head of a group: how many of it are in which state, and a way to it alone.
  group({group, href, count, counts}, at, entry) {
    const link = element('a', {href, tabindex: entry ? 0 : -1}, apart(group, 120));
    const worst = ['failed', 'attention'].filter((state) => counts[state] > 0);
    return element('tr', {'aria-rowindex': at + 2, 'data-at': at, class: 'group'}, element('th', {colspan: headings.length, scope: 'rowgroup'}, link,
      element('span', {class: 'muted'}, ` ${count.toLocaleString('en')}`), worst.map((state) => [' ', mark(state, `${counts[state].toLocaleString('en')} ${state}`)])));
  }

  row(watch, at, entry) {
    if (watch.group !== undefined) return this.group(watch, at, entry);
    const link = element('a', {href: linkOf(watch), tabindex: entry ? 0 : -1}, apart(watch.target), watch.resolved_address && element('span', {class: 'muted'}, ' at ', apart(watch.resolved_address)));
    const cells = {
      state: mark(watch.state), target: [link, element('span', {class: 'as'}, watch.identity ? ['as ', apart(watch.identity)] : 'no identity')], identity: watch.identity ? apart(watch.identity) : '–', verdict: verdictCell(watch),
      cause: causeCell(watch), expiry_days: element('span', {class: urgency(watch.expiry_severity)}, days(watch.expiry_days, watch.expiry_unreadable)),
      chain: chainCell(watch), mode: doorCell(watch), owner: owner(watch.labels),
    };
    return element('tr', {'aria-rowindex': at + 2, 'data-at': at, class: `is-${watch.state}`, title: watch.cause ? `${watch.reason ? `${watch.stage}/${watch.reason}: ` : ''}${watch.cause}` : null},
      headings.map(([key]) => element(key === 'target' ? 'th' : 'td', {class: `c-${key}`, scope: key === 'target' ? 'row' : null}, cells[key])));
  }

  open(event) {
    const row = event.target.closest('tr[data-at]');
    if (!row || String(getSelection())) return;
    this.active = Number(row.dataset.at);
    if (!event.target.closest('a')) location.hash = row.querySelector('a').getAttribute('href');
  }

  // Where the focus is, Tab comes back to.
  enter(link) {
    const row = link.closest('tr[data-at]');
    if (!row) return;
    this.active = Number(row.dataset.at);
    for (const other of this.body.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    row.querySelector('a').tabIndex = 0;
  }

  move(event) {
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight()) - 2);
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity};
    if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.active = Math.max(0, Math.min(this.rows.length - 1, this.active + steps[event.key]));
    this.reveal();
  }

  // Scrolls the active row into sight, below the heading, and gives it the focus.
  reveal() {
    const height = this.rowHeight(), head = this.table.tHead.offsetHeight, top = this.active * height;
    const low = top + height + head - this.scroller.clientHeight;
    if (this.scroller.scrollTop > top) this.scroller.scrollTop = top;
    if (this.scroller.scrollTop < low) this.scroller.scrollTop = low;
    this.draw();
    this.focus();
  }

  focus() {
    this.body.querySelector(`tr[data-at="${this.active}"] a`)?.focus({preventScroll: true});
  }
}
