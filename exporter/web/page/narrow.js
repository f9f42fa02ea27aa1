// The filter above the tables that have no other: the rows in which every word occurs. The words stand in the page's address.
import {element} from './dom.js';

const texts = new WeakMap();  // what is searched of a row, made once

function searched(row) {
  if (!texts.has(row)) {
    const labels = Object.entries(row.labels ?? {}).map(([name, value]) => `${name}=${value}`);
    texts.set(row, `${Object.values(row).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n')}\n${labels.join('\n')}`.toLowerCase());
  }
  return texts.get(row);
}

export function matching(rows, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? rows : rows.filter((row) => words.every((word) => searched(row).includes(word)));
}

// The lists of `answer` of these names, narrowed; how many of how many rows are left.
export function narrowed(answer, names, text) {
  const left = Object.fromEntries(names.map((name) => [name, matching(answer[name] ?? [], text)]));
  const count = (lists) => names.reduce((sum, name) => sum + (lists[name]?.length ?? 0), 0);
  return {answer: {...answer, ...left}, left: count(left), all: count(answer)};
}

export class FilterBox {
  // `changed(text)`: somebody wrote.
  constructor(changed) {
    this.input = element('input', {type: 'search', id: 'narrow', placeholder: 'name, state, label=value …', autocomplete: 'off', spellcheck: 'false'});
    this.count = element('span', {class: 'muted count'});
    this.root = element('div', {class: 'filter narrow'}, element('label', {for: 'narrow'}, 'Filter'), this.input, this.count);
    this.input.addEventListener('input', () => changed(this.input.value));
  }

  show(text, left, all) {
    if (this.input.value !== text) this.input.value = text;
    this.count.textContent = `${left.toLocaleString('en')} of ${all.toLocaleString('en')}`;
  }
}
