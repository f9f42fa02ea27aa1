// Puts the page together: asks the exporter again and again, draws the view that the address names, and keeps the reader's place.
import {detailBody, heading} from './detail.js';
import {element, shown} from './dom.js';
import {matrixView} from './matrix.js';
import {filtered, prepare, sorted} from './order.js';
import {sourcesView} from './sources.js';
import {followChoice} from './theme.js';
import {expiriesView, strip} from './timeline.js';
import {WatchTable} from './watches.js';

const every = 15_000;   // milliseconds between answers; a probe's interval is rarely shorter
const states = ['failed', 'attention', 'pending', 'good'];
const at = (id) => document.getElementById(id);
const content = at('content'), dialog = at('detail');

const state = {
  estate: null, ordered: [], text: '', states: new Set(), column: 'state', descending: false,
  view: '', limits: {expiries: expiriesView.atOnce, matrix: matrixView.atOnce}, detail: null,
};

// --- the overview and the matrix: counts, filter, table ---------------------------------------------------------------

const table = new WatchTable((column) => {
  state.descending = state.column === column && !state.descending;
  state.column = column;
  order();
  table.top();
  drawRows();
});

const tiles = Object.fromEntries(states.map((name) => {
  const button = element('button', {type: 'button', class: `tile ${name}`, 'aria-pressed': 'false'}, element('strong', {}, '–'), element('span', {}, name));
  button.addEventListener('click', () => {
    if (!state.states.delete(name)) state.states.add(name);
    button.setAttribute('aria-pressed', state.states.has(name));
    table.top();
    drawRows(true);
  });
  return [name, button];
}));

const search = element('input', {type: 'search', id: 'filter', placeholder: 'name, reason, label=value …', autocomplete: 'off', spellcheck: 'false'});
search.addEventListener('input', () => {
  state.text = search.value;
  table.top();
  drawRows(true);
});
const shownCount = element('span', {class: 'muted', id: 'count'});
const toolbar = element('div', {class: 'toolbar'},
  element('div', {class: 'tiles', role: 'group', 'aria-label': 'Watches by state'}, Object.values(tiles)),
  element('div', {class: 'filter'}, element('label', {for: 'filter'}, 'Filter'), search, shownCount));
const lane = element('div', {class: 'lane'});

function order() {
  state.ordered = sorted(state.estate.watches, state.column, state.descending);
}

const rows = () => filtered(state.ordered, state.text, state.states);

function drawRows(say = false) {
  const left = rows(), all = state.estate.watches.length;
  shownCount.textContent = `${left.length.toLocaleString('en')} of ${all.toLocaleString('en')}`;
  if (say) at('announcement').textContent = `${left.length} of ${all} watches`;
  if (state.view === 'matrix') keepScroll(lane, () => lane.replaceChildren(...drawn(matrixView(left, state.limits.matrix, more('matrix')))));
  else table.show(left, state.column, state.descending, all === 0 ? 'No target is configured yet.' : 'No watch matches the filter.');
}

function drawTiles() {
  for (const name of states) {
    tiles[name].firstChild.textContent = state.estate.counts[name].toLocaleString('en');
    tiles[name].classList.toggle('none', state.estate.counts[name] === 0);
  }
}

// --- views -----------------------------------------------------------------------------------------------------------

const drawn = (parts) => parts.flat().filter(Boolean);
const more = (view) => (limit) => {
  state.limits[view] = limit;
  draw();
};

function keepScroll(root, change) {
  const places = [...root.querySelectorAll('.wide')].map((box) => [box.scrollLeft, box.scrollTop]);
  change();
  [...root.querySelectorAll('.wide')].forEach((box, index) => [box.scrollLeft, box.scrollTop] = places[index] ?? [0, 0]);
}

const views = {
  watches() {
    lane.replaceChildren(strip(state.estate));
    if (table.scroller.parentNode !== content) content.replaceChildren(toolbar, lane, table.scroller);
    drawTiles();
    drawRows();
  },
  matrix() {
    if (!content.contains(toolbar) || content.contains(table.scroller)) content.replaceChildren(toolbar, lane);
    drawTiles();
    drawRows();
  },
  expiries() {
    replaceKeepingFocus(content, drawn(expiriesView(state.estate, state.limits.expiries, more('expiries'))));
  },
  sources() {
    replaceKeepingFocus(content, drawn(sourcesView(state.estate)));
  },
};

// New children in place of the old ones; the element with the focus is found again by its place among those that can have it.
function replaceKeepingFocus(root, children) {
  const able = 'a, button, summary, input, [tabindex]';
  const place = [...root.querySelectorAll(able)].indexOf(document.activeElement);
  const open = new Set([...root.querySelectorAll('details[open]')].map((one) => one.dataset.key));
  keepScroll(root, () => root.replaceChildren(...children));
  for (const one of root.querySelectorAll('details')) one.open = open.has(one.dataset.key);
  if (place >= 0) root.querySelectorAll(able)[place]?.focus({preventScroll: true});
}

function draw() {
  content.className = `view-${state.view}`;
  for (const link of document.querySelectorAll('header nav a')) {
    const here = link.getAttribute('href') === (state.view === 'watches' ? '#/' : `#/${state.view}`);
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (state.estate) views[state.view]();
}

// --- one watch -------------------------------------------------------------------------------------------------------

const close = element('button', {type: 'button', class: 'close', 'aria-label': 'Close'}, '✕');
const head = element('header'), body = element('div', {class: 'body', tabindex: 0, role: 'region', 'aria-label': 'Details'});
dialog.append(element('div', {class: 'panel'}, element('div', {class: 'panel-head'}, head, close), body));
close.addEventListener('click', () => dialog.close());
dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
dialog.addEventListener('close', () => {
  if (!state.detail) return;
  state.detail = null;
  history.pushState(null, '', state.view === 'watches' ? '#/' : `#/${state.view}`);
  title();
  giveBackFocus();
});

// The row may have been drawn anew since the watch was opened.
function giveBackFocus() {
  if (state.view === 'watches' && state.estate) table.reveal();
  else content.focus();
}

async function showDetail(fresh) {
  const wanted = state.detail;
  const {target, identity} = wanted;
  const answer = await ask(`api/v1/targets/${encodeURIComponent(target)}`).catch((error) => error);
  if (state.detail !== wanted) return;
  const watch = answer.watches?.find((one) => one.identity === identity) ?? (identity === null ? answer.watches?.[0] : undefined);
  if (!watch) {
    if (!fresh) return;
    head.replaceChildren(element('h2', {id: 'detail-title'}, shown(target, 120)));
    body.replaceChildren(element('p', {class: 'empty'}, answer.status === 404 || answer.watches ? 'This exporter does not watch it.' : 'The exporter did not answer.'));
    return;
  }
  head.replaceChildren(...drawn(heading(watch)));
  const scroll = fresh ? 0 : body.scrollTop;
  replaceKeepingFocus(body, drawn(detailBody(watch, answer.watches, Date.parse(answer.at))));
  body.scrollTop = scroll;
  title(watch.target);
}

function openDetail(target, identity) {
  state.detail = {target, identity};
  head.replaceChildren(element('h2', {id: 'detail-title'}, shown(target, 120)));
  body.replaceChildren(element('p', {class: 'muted'}, 'Asking …'));
  if (!dialog.open) dialog.showModal();
  close.focus();
  showDetail(true);
}

// --- the address, the clock, the look --------------------------------------------------------------------------------

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function route() {
  const [name, target, identity] = location.hash.replace(/^#\/?/, '').split('/');
  if (name === 'watch' && target) {
    if (!state.view) state.view = 'watches', draw();
    openDetail(decoded(target), identity === undefined ? null : decoded(identity));
    return;
  }
  const leaves = dialog.open;
  state.detail = null;
  if (leaves) dialog.close();
  const view = name in views ? name : 'watches';
  if (view !== state.view) {
    state.view = view;
    at('announcement').textContent = `View: ${view}`;
  }
  draw();
  if (leaves) giveBackFocus();
  title();
}

function title(target) {
  const failed = state.estate?.counts.failed ?? 0;
  document.title = `${target ? `${shown(target, 60)} – ` : failed ? `(${failed}) ` : ''}mtls_exporter`;
}

async function ask(path) {
  const answer = await fetch(path, {headers: {Accept: 'application/json'}});
  if (!answer.ok) throw Object.assign(new Error(`${answer.status} ${answer.statusText}`), {status: answer.status});
  return answer.json();
}

async function refresh() {
  try {
    const estate = await ask('api/v1/estate');
    prepare(estate.watches);
    state.estate = estate;
    order();
    at('version').textContent = estate.version;
    at('freshness').textContent = `as of ${estate.at.slice(11, 19)} UTC`;
    at('trouble').hidden = true;
    draw();
    if (state.detail) await showDetail(false);
    else title();
  } catch (error) {
    at('trouble').textContent = `The exporter does not answer (${shown(error.message, 100)}). What is shown is old; asking again every ${every / 1000} seconds.`;
    at('trouble').hidden = false;
  }
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, every);
}

followChoice(at('theme'));

document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !dialog.open && !/^(input|textarea)$/i.test(event.target.tagName) && search.isConnected) {
    event.preventDefault();
    search.focus();
  }
});
document.addEventListener('visibilitychange', () => !document.hidden && refresh());
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  content.focus();
});
addEventListener('hashchange', route);
route();
keepFresh();
