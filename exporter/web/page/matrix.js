// Who gets in where: targets down, identities across, the verdict in each field.
import {apart, element, linkOf, spaced, verdictLook} from './dom.js';

const atOnce = 150;  // targets before it asks
const glyphs = {accepted: '✓', rejected: '✕', unconfirmed: '?', not_requested: '○'};

function field(watch) {
  if (!watch) return element('td', {class: 'no'}, element('span', {class: 'unseen'}, 'not tried'));
  const known = glyphs[watch.verdict];
  const [glyph, look] = known ? [known, verdictLook(watch)] : watch.state === 'pending' ? ['…', 'muted'] : ['!', 'failed'];
  const word = watch.verdict ? spaced(watch.verdict) : watch.state === 'pending' ? 'pending' : spaced(watch.reason ?? 'unknown');
  return element('td', {}, element('a', {href: linkOf(watch), class: look, title: watch.cause || word},
    element('span', {'aria-hidden': 'true', class: 'glyph'}, glyph), element('span', {class: 'word'}, word)));
}

export function matrixView(watches, limit, more) {
  const identities = [...new Set(watches.map((watch) => watch.identity))].sort();
  const targets = new Map();
  for (const watch of watches) {
    const row = watch.resolved_address ? `${watch.target} at ${watch.resolved_address}` : watch.target;
    if (!targets.has(row)) targets.set(row, new Map());
    targets.get(row).set(watch.identity, watch);
  }
  if (targets.size === 0) return [element('p', {class: 'empty'}, 'No watch is left by the filter.')];
  const button = element('button', {type: 'button', class: 'more'}, `Show more of ${targets.size.toLocaleString('en')}`);
  button.addEventListener('click', () => more(limit + atOnce));
  return [element('div', {class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'Identities and targets'}, element('table', {class: 'matrix'},
    element('caption', {class: 'unseen'}, 'What became of each identity at each target'),
    element('thead', {}, element('tr', {}, element('th', {scope: 'col'}, 'Target'),
      identities.map((identity) => element('th', {scope: 'col'}, identity ? apart(identity, 60) : 'no identity')))),
    element('tbody', {}, [...targets].slice(0, limit).map(([target, row]) =>
      element('tr', {}, element('th', {scope: 'row'}, apart(target)), identities.map((identity) => field(row.get(identity)))))))),
  targets.size > limit && button];
}
matrixView.atOnce = atOnce;
