// Puts the page together: asks the exporter again and again, draws the view that the address names, and opens the watch it names.
import * as address from './address.js';
import {ask} from './ask.js';
import {callersView} from './callers.js';
import {element, shown} from './dom.js';
import {drawBadges, drawHeadline, titled} from './headline.js';
import {issuersView} from './issuers.js';
import {FilterBox, narrowed} from './narrow.js';
import {apiQuery, prepare} from './order.js';
import {Overview} from './overview.js';
import {drawn, replaceKeepingFocus} from './place.js';
import {rotationsView} from './rotations.js';
import {Sheet} from './sheet.js';
import {sourcesView} from './sources.js';
import {followChoice} from './theme.js';
import {asOf, here} from './time.js';
import {expiriesView} from './timeline.js';

const every = 15_000;   // milliseconds between answers; a probe's interval is rarely shorter
const at = (id) => document.getElementById(id);
const content = at('content');
const announce = (text) => at('announcement').textContent = text;

const answers = {issuers: null, rotations: null};   // to what only one view asks
let estate = null, view = '', expiriesLimit = expiriesView.atOnce;

const overview = new Overview(announce, () => {
  history.replaceState(null, '', addressOf(view));
  drawLinks();
});
const sheet = new Sheet(at('detail'), title, () => {
  history.pushState(null, '', addressOf(view));
  title();
  giveBackFocus();
});

// --- views -----------------------------------------------------------------------------------------------------------

const views = {
  watches() {
    overview.drawTable(content);
  },
  matrix() {
    overview.drawMatrix(content);
  },
  expiries() {
    const more = (limit) => {
      expiriesLimit = limit;
      draw();
    };
    drawNarrowed(estate, ['expiries'], (left, {filtered}) => expiriesView(left, expiriesLimit, more, filtered));
  },
  callers() {
    drawNarrowed(estate, ['callers'], callersView);
  },
  issuers() {
    drawNarrowed(answers.issuers ?? {issuers: null}, ['issuers'], (left) => issuersView(answers.issuers && left));
  },
  rotations() {
    replaceKeepingFocus(content, drawn(rotationsView(answers.rotations)));
  },
  sources() {
    drawNarrowed(estate, ['identities', 'trust', 'sources', 'discoveries'], sourcesView);
  },
};

// The filter of each view that has no toolbar of its own, and the rows that it leaves.
const texts = {expiries: '', callers: '', issuers: '', sources: ''};
const stack = element('div', {class: 'stack'});
const box = new FilterBox((text) => {
  texts[view] = text;
  history.replaceState(null, '', addressOf(view));
  draw();
  announce(box.count.textContent);
});

function drawNarrowed(answer, names, viewOf) {
  const {answer: some, left, all} = narrowed(answer, names, texts[view]);
  box.show(texts[view], left, all);
  if (stack.parentNode !== content) content.replaceChildren(box.root, stack);
  const nothing = left === 0 && all > 0 && element('p', {class: 'empty'}, 'Nothing matches the filter.');
  replaceKeepingFocus(stack, nothing ? [nothing] : drawn(viewOf(some, {filtered: left < all, all})));
}

const ofWatches = (name) => name === 'watches' || name === 'matrix';
const tables = {watches: 'watches', matrix: 'watches', expiries: 'expiries', callers: 'callers', issuers: 'issuers', rotations: 'rotations', sources: 'sources'};

// With the filter, so that it can be sent to somebody, and stays from one view to another.
const addressOf = (name) => address.written(name, ofWatches(name) ? overview.query() : texts[name] ? new URLSearchParams({q: texts[name]}).toString() : '');

// What /api/v1 is asked for the same, as far as its filters can say it.
function apiFilter() {
  if (ofWatches(view)) return overview.apiQuery();
  const rows = {callers: ['callers'], sources: ['identities', 'trust', 'sources', 'discoveries']}[view] ?? [];
  return estate && texts[view] ? apiQuery(rows.flatMap((name) => estate[name]), texts[view], new Set()) : '';
}

// Those that say where we are, and those to the same as a table or a calendar.
function drawLinks() {
  for (const link of document.querySelectorAll('header nav a')) {
    if (link.dataset.view === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
    link.href = addressOf(link.dataset.view);
  }
  const query = apiFilter();
  at('csv').href = `api/v1/${tables[view]}.csv${query ? `?${query}` : ''}`;
  at('calendar').href = `api/v1/expiries.ics${query ? `?${query}` : ''}`;
}

function draw() {
  content.className = `view-${view}`;
  drawLinks();
  if (!estate) return;
  drawHeadline(at('headline'), estate);
  drawBadges(document.querySelectorAll('header nav a'), estate);
  views[view]();
}

// The row may have been drawn anew since the watch was opened.
function giveBackFocus() {
  if (view === 'watches' && estate) overview.table.reveal();
  else content.focus();
}

function title(target) {
  document.title = target ? `${shown(target, 60)} – mtls_exporter` : titled(estate);
}

// --- the address -----------------------------------------------------------------------------------------------------

function route() {
  const asked = address.read(location.hash);
  if (asked.target) {
    if (!view) view = 'watches', draw();
    sheet.open(asked.target, asked.identity, asked.address);
    return;
  }
  const leaves = sheet.isOpen;
  sheet.leave();
  const named = Object.hasOwn(views, asked.view) ? asked.view : 'watches';
  if (ofWatches(named) && asked.query.toString() !== overview.query()) overview.adopt(asked.query);
  if (named in texts) texts[named] = asked.query.get('q') ?? '';
  if (named !== view) {
    view = named;
    announce(`View: ${view}`);
    if (view in answers && estate) refresh();
  }
  draw();
  if (leaves) giveBackFocus();
  title();
}

// --- the clock -------------------------------------------------------------------------------------------------------

async function refresh() {
  try {
    const answer = await ask('api/v1/estate');
    prepare(answer.watches);
    if (view in answers) answers[view] = await ask(`api/v1/${view}`);
    estate = answer;
    asOf(estate.at);
    overview.take(estate);
    at('version').textContent = `${estate.version}, OpenSSL ${estate.openssl}`;
    at('version').title = `revision ${estate.revision}`;
    at('freshness').textContent = `as of ${estate.at.slice(11, 19)} UTC${here(estate.at) ? ` (${here(estate.at)} here)` : ''}`;
    at('trouble').hidden = true;
    draw();
    if (sheet.wanted) await sheet.show(false);
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

// --- the reader ------------------------------------------------------------------------------------------------------

followChoice(at('theme'));

document.addEventListener('keydown', (event) => {
  const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
  const search = [overview.search, box.input].find((input) => input.isConnected);
  if (event.key === '/' && !sheet.isOpen && !typing && search) {
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
