// Draws anew without losing the reader's place: what was scrolled to, what had the focus, which details were open.

// The parts of a view, of which some may be absent.
export const drawn = (parts) => parts.flat().filter(Boolean);

// Wide boxes below `root` are scrolled after `change` as they were before it.
export function keepScroll(root, change) {
  const places = [...root.querySelectorAll('.wide')].map((box) => [box.scrollLeft, box.scrollTop]);
  change();
  [...root.querySelectorAll('.wide')].forEach((box, index) => [box.scrollLeft, box.scrollTop] = places[index] ?? [0, 0]);
}

// New children in place of the old ones; the element with the focus is found again by its place among those that can have it.
export function replaceKeepingFocus(root, children) {
  const able = 'a, button, summary, input, select, [tabindex]';
  const place = [...root.querySelectorAll(able)].indexOf(document.activeElement);
  const open = new Set([...root.querySelectorAll('details[open]')].map((one) => one.dataset.key));
  keepScroll(root, () => root.replaceChildren(...children));
  for (const one of root.querySelectorAll('details')) one.open = open.has(one.dataset.key);
  if (place >= 0) root.querySelectorAll(able)[place]?.focus({preventScroll: true});
}
