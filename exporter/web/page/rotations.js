// How far rotations from one CA to another are: four bars each, which step is safe now, and what stands in the way.
import {apart, element, mark, spaced} from './dom.js';

const states = {done: ['good', 'done'], now: ['attention', 'safe now'], not_yet: ['pending', 'not yet']};

function bar(step, most) {
  const [state, word] = states[step.state] ?? states.not_yet;
  const said = `${step.pending.toLocaleString('en')} in the way, ${step.unknown.toLocaleString('en')} unknown`;
  return element('tr', {}, element('th', {scope: 'row'}, spaced(step.step)), element('td', {}, mark(state, word)),
    element('td', {class: 'bar-cell'}, element('meter', {min: 0, max: Math.max(1, most), value: step.pending + step.unknown, 'aria-label': `${spaced(step.step)}: ${said}`})),
    element('td', {}, said, step.out_of_order > 0 && [', ', element('span', {class: 'failed'}, `${step.out_of_order.toLocaleString('en')} out of order`)]),
    element('td', {class: 'muted'}, step.what));
}

const thing = (one) => element('li', {}, `${spaced(one.kind)} `, apart(one.name, 160), one.why && [': ', apart(one.why, 300)]);

function list(title, step, things, count) {
  if (count === 0) return null;
  const more = count - things.length;
  return element('section', {}, element('h4', {}, `${title} ${spaced(step.step)}`),
    element('ul', {}, things.slice(0, 100).map(thing), (more > 0 || things.length > 100) && element('li', {class: 'muted'}, `and ${(count - Math.min(100, things.length)).toLocaleString('en')} more`)));
}

function rotation(one) {
  const most = Math.max(...one.steps.map((step) => step.pending + step.unknown));
  return element('section', {class: 'rotation'}, element('h3', {}, apart(one.name, 120)), element('p', {}, apart(one.advice, 1000)),
    element('div', {class: 'wide', tabindex: 0, role: 'region', 'aria-label': `Steps of ${one.name}`}, element('table', {class: 'plain'},
      element('thead', {}, element('tr', {}, ['Step', 'State', 'Left to do', 'In the way', 'What it is'].map((head) => element('th', {scope: 'col'}, head)))),
      element('tbody', {}, one.steps.map((step) => bar(step, most))))),
    one.steps.map((step) => list('Ahead of its turn:', step, step.out_of_order_things, step.out_of_order)),
    one.steps.map((step) => list('In the way of', step, step.pending_things, step.pending)),
    one.steps.map((step) => list('Cannot be told, for', step, step.unknown_things, step.unknown)));
}

export function rotationsView(answer) {
  const title = element('h2', {}, 'Rotations');
  const empty = element('p', {class: 'empty'}, answer ? 'No rotation is configured.' : 'Asking the exporter …');
  return [element('section', {}, title, answer && answer.rotations.length > 0 ? answer.rotations.map(rotation) : empty)];
}
