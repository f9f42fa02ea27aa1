// All watches, as a table or as a matrix: how many are in which state, the filter, and those that it leaves. Filter, order and grouping
// stand in the page's address.
import {written} from './address.js';
import {element, shown} from './dom.js';
import {matrixView} from './matrix.js';
import {apiQuery, columns, filtered, grouped, labelsOf, sorted} from './order.js';
import {drawn, keepScroll} from './place.js';
import {strip} from './timeline.js';
import {WatchTable} from './watches.js';

const states = ['failed', 'attention', 'pending', 'good'];

export class Overview {
  // `announce(text)`: for those who do not see that the filter has left fewer rows. `changed()`: query() says something else.
  constructor(announce, changed) {
    this.announce = announce;
    this.changed = changed;
    this.estate = null;
    this.ordered = [];
    this.forget();
    this.asMatrix = false;
    this.limit = matrixView.atOnce;
    this.table = new WatchTable((column) => this.sort(column));
    this.tiles = Object.fromEntries(states.map((name) => [name, this.tile(name)]));
    this.count = element('span', {class: 'muted', id: 'count'});
    this.search = element('input', {type: 'search', id: 'filter', placeholder: 'name, reason, label=value …', autocomplete: 'off', spellcheck: 'false'});
    this.search.addEventListener('input', () => {
      this.text = this.search.value;
      this.narrow();
    });
    this.groups = element('select', {id: 'group'});
    this.groups.addEventListener('change', () => {
      this.group = this.groups.value;
      this.narrow();
    });
    this.grouping = element('div', {class: 'grouping'}, element('label', {for: 'group'}, 'Group by'), this.groups);
    this.toolbar = element('div', {class: 'toolbar'},
      element('div', {class: 'tiles', role: 'group', 'aria-label': 'Watches by state'}, Object.values(this.tiles)), this.grouping,
      element('div', {class: 'filter'}, element('label', {for: 'filter'}, 'Filter'), this.search, this.count));
    this.lane = element('div', {class: 'lane'});
  }

  forget() {
    this.text = '';
    this.chosen = new Set();  // states; empty: all
    this.column = 'state';
    this.descending = false;
    this.group = '';          // the name of a label
  }

  // What of it stands in the address; what is usual does not.
  query(changes = {}) {
    const {text, group} = {text: this.text, group: this.group, ...changes};
    const query = new URLSearchParams();
    if (text) query.set('q', text);
    if (this.chosen.size > 0) query.set('state', [...this.chosen].join(','));
    if (this.column !== 'state' || this.descending) query.set('sort', (this.descending ? '-' : '') + this.column);
    if (group) query.set('group', group);
    return query.toString();
  }

  // As an address says, whoever wrote it: what is not known is passed over.
  adopt(query) {
    this.forget();
    this.text = query.get('q') ?? '';
    this.chosen = new Set((query.get('state') ?? '').split(',').filter((name) => states.includes(name)));
    const sort = query.get('sort') ?? '';
    const column = sort.replace(/^-/, '');
    if (Object.hasOwn(columns, column)) [this.column, this.descending] = [column, sort.startsWith('-')];
    this.group = query.get('group') ?? '';
    if (this.search.value !== this.text) this.search.value = this.text;
    for (const name of states) this.tiles[name].setAttribute('aria-pressed', this.chosen.has(name));
    this.table.top();
    if (this.estate) this.order();
  }

  // What /api/v1 is asked for the same: its states, and the labels that stand in the filter.
  apiQuery() {
    return this.estate ? apiQuery(this.estate.watches, this.text, this.chosen) : '';
  }

  // A new answer of the exporter, prepared.
  take(estate) {
    this.estate = estate;
    this.order();
  }

  drawTable(content) {
    this.asMatrix = false;
    this.lane.replaceChildren(strip(this.estate));
    if (this.table.scroller.parentNode !== content) content.replaceChildren(this.toolbar, this.lane, this.table.scroller);
    this.drawTools();
    this.drawRows();
  }

  drawMatrix(content) {
    this.asMatrix = true;
    if (!content.contains(this.toolbar) || content.contains(this.table.scroller)) content.replaceChildren(this.toolbar, this.lane);
    this.drawTools();
    this.drawRows();
  }

  tile(name) {
    const button = element('button', {type: 'button', class: `tile ${name}`, 'aria-pressed': 'false'}, element('strong', {}, '–'), element('span', {}, name));
    button.addEventListener('click', () => {
      if (!this.chosen.delete(name)) this.chosen.add(name);
      button.setAttribute('aria-pressed', this.chosen.has(name));
      this.narrow();
    });
    return button;
  }

  sort(column) {
    this.descending = this.column === column && !this.descending;
    this.column = column;
    this.order();
    this.table.top();
    this.drawRows();
    this.changed();
  }

  order() {
    this.ordered = sorted(this.estate.watches, this.column, this.descending);
  }

  narrow() {
    this.table.top();
    this.announce(`${this.drawRows()} of ${this.estate.watches.length} watches`);
    this.changed();
  }

  drawTools() {
    for (const name of states) {
      this.tiles[name].firstChild.textContent = this.estate.counts[name].toLocaleString('en');
      this.tiles[name].classList.toggle('none', this.estate.counts[name] === 0);
    }
    const labels = labelsOf(this.estate.watches);
    // One that an address names and no watch has stays to be chosen away from.
    const offered = ['', ...labels, ...(this.group && !labels.includes(this.group) ? [this.group] : [])];
    this.grouping.hidden = offered.length === 1 || this.asMatrix;
    if (offered.join('\n') !== [...this.groups.options].map((option) => option.value).join('\n'))
      this.groups.replaceChildren(...offered.map((name) => element('option', {value: name}, name ? shown(name, 60) : 'nothing')));
    this.groups.value = this.group;
  }

  // Says how many rows are left.
  drawRows() {
    const left = filtered(this.ordered, this.text, this.chosen), all = this.estate.watches;
    this.count.textContent = `${left.length.toLocaleString('en')} of ${all.length.toLocaleString('en')}`;
    if (this.asMatrix) this.drawCells(left);
    else this.table.show(this.group ? grouped(left, this.group, (value) => this.alone(value)) : left, this.column, this.descending,
      all.length === 0 ? 'No target is configured yet.' : 'No watch matches the filter.', all.some((watch) => watch.labels.owner));
    return left.length;
  }

  // The address of a group by itself; of those without the label, that is no word of a filter.
  alone(value) {
    return written('watches', value === '' ? this.query() : this.query({text: `${this.group}=${value}`, group: ''}));
  }

  drawCells(left) {
    const more = (limit) => {
      this.limit = limit;
      this.drawRows();
    };
    keepScroll(this.lane, () => this.lane.replaceChildren(...drawn(matrixView(left, this.limit, more))));
  }
}
