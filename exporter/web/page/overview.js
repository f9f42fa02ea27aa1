// All watches, as a table or as a matrix: how many are in which state, the filter, and those that it leaves.
import {element} from './dom.js';
import {matrixView} from './matrix.js';
import {filtered, sorted} from './order.js';
import {drawn, keepScroll} from './place.js';
import {strip} from './timeline.js';
import {WatchTable} from './watches.js';

const states = ['failed', 'attention', 'pending', 'good'];

export class Overview {
  // `announce(text)`: for those who do not see that the filter has left fewer rows.
  constructor(announce) {
    this.announce = announce;
    this.estate = null;
    this.ordered = [];
    this.text = '';
    this.chosen = new Set();  // states; empty: all
    this.column = 'state';
    this.descending = false;
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
    this.toolbar = element('div', {class: 'toolbar'},
      element('div', {class: 'tiles', role: 'group', 'aria-label': 'Watches by state'}, Object.values(this.tiles)),
      element('div', {class: 'filter'}, element('label', {for: 'filter'}, 'Filter'), this.search, this.count));
    this.lane = element('div', {class: 'lane'});
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
    this.drawTiles();
    this.drawRows();
  }

  drawMatrix(content) {
    this.asMatrix = true;
    if (!content.contains(this.toolbar) || content.contains(this.table.scroller)) content.replaceChildren(this.toolbar, this.lane);
    this.drawTiles();
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
  }

  order() {
    this.ordered = sorted(this.estate.watches, this.column, this.descending);
  }

  narrow() {
    this.table.top();
    this.announce(`${this.drawRows()} of ${this.estate.watches.length} watches`);
  }

  drawTiles() {
    for (const name of states) {
      this.tiles[name].firstChild.textContent = this.estate.counts[name].toLocaleString('en');
      this.tiles[name].classList.toggle('none', this.estate.counts[name] === 0);
    }
  }

  // Says how many rows are left.
  drawRows() {
    const left = filtered(this.ordered, this.text, this.chosen), all = this.estate.watches.length;
    this.count.textContent = `${left.length.toLocaleString('en')} of ${all.toLocaleString('en')}`;
    if (this.asMatrix) this.drawCells(left);
    else this.table.show(left, this.column, this.descending, all === 0 ? 'No target is configured yet.' : 'No watch matches the filter.');
    return left.length;
  }

  drawCells(left) {
    const more = (limit) => {
      this.limit = limit;
      this.drawRows();
    };
    keepScroll(this.lane, () => this.lane.replaceChildren(...drawn(matrixView(left, this.limit, more))));
  }
}
