// What became of a watch: each of the last probes with what did not hold, and since when its door is kept as it is.
import {element, mark, spaced} from './dom.js';
import {moment} from './time.js';

const milliseconds = (seconds) => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;

function result(entry) {
  if (entry.reason) return mark('failed', `${entry.stage}/${entry.reason}`);
  return entry.broken.length > 0 ? mark('failed', `not as expected: ${entry.broken.map(spaced).join(', ')}`) : mark('good', 'as expected');
}

const kept = ({mode, enforced}) => (enforced === false ? mark('failed', `door ${spaced(mode)}: strangers get in`)
  : mark(mode === 'undetermined' ? 'attention' : 'good', `door ${spaced(mode)}`));

export function history(watch) {
  const rows = [...watch.history.map((entry) => ({at: entry.at, took: milliseconds(entry.duration_seconds), result: result(entry)})),
    ...watch.door_changes.map((change) => ({at: change.at, took: '', result: kept(change)}))];
  rows.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const since = watch.door_changes.at(-1);
  return element('section', {}, element('h3', {}, 'History'), since && element('p', {}, kept(since), ' since ', moment(since.at)),
    rows.length === 0 ? element('p', {class: 'empty'}, 'No probe has finished yet.')
      : element('table', {class: 'plain history'}, element('thead', {}, element('tr', {}, ['When', 'Took', 'Result'].map((title) => element('th', {scope: 'col'}, title)))),
        element('tbody', {}, rows.map((row) => element('tr', {}, element('td', {}, moment(row.at)), element('td', {class: 'number'}, row.took), element('td', {}, row.result))))),
    element('p', {class: 'muted'}, `${watch.failures_total.toLocaleString('en')} of ${watch.probes_total.toLocaleString('en')} probes failed since the start.`));
}
