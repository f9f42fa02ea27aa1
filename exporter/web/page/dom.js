// Makes elements. Text enters the page as text nodes and nowhere else: what a certificate says is never markup.

// Shown in place of what would not be seen or would reorder the text around it: controls and the bidirectional controls.
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

// `text` from elsewhere, fit to be read: nothing invisible, at most `most` characters.
export function shown(text, most = 300) {
  const whole = String(text ?? '');
  const cut = whole.length > most ? [...whole.slice(0, most)].slice(0, -1).join('') : whole;
  const clean = cut.replace(unseen, escaped);
  return whole.length > most ? `${clean}… (${whole.length.toLocaleString('en')} characters)` : clean;
}

// element('a', {class: 'x', href: '#/'}, 'text', child, ...): strings become text; null and false children are left out.
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : value);
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// Text whose own direction stays its own.
export function apart(text, most) {
  return element('bdi', {}, shown(text, most));
}

export const code = (text, most) => element('code', {}, apart(text, most));

// "client_certificate" -> "client certificate".
export const spaced = (word) => String(word ?? '').replaceAll('_', ' ');

// Whose it is: the label `owner`.
export const owner = (labels) => (labels.owner ? apart(labels.owner, 80) : '–');

// A state as a shape, a colour and a word.
export const mark = (state, word = state) => element('span', {class: `mark ${state}`}, word);

// `unreadable`: there is an end, and it cannot be read.
export function days(value, unreadable = false) {
  if (value === null || value === undefined) return unreadable ? 'unreadable' : '–';
  return Math.abs(value) < 1000 ? value.toFixed(1) : Math.floor(value).toLocaleString('en');  // as alerts and `probe` round it
}

// How an end looks, by the severity that the exporter and the alerts give it: they know the lifetime.
export const urgency = (severity) => ({critical: 'failed', warning: 'attention'})[severity] ?? '';

// How a verdict looks. A server that turns away a client without a certificate does what it is there for.
export function verdictLook(watch) {
  const meant = watch.verdict === 'rejected' && !watch.identity && !watch.reason;
  return meant ? 'muted' : {accepted: 'good', rejected: 'failed', unconfirmed: 'attention'}[watch.verdict] ?? 'muted';
}

// Of a target alone: whichever of its watches is worst.
export const watchLink = (target, ...rest) => `#/watch/${[target, ...rest].map(encodeURIComponent).join('/')}`;
export const linkOf = (watch) => watchLink(watch.target, watch.identity, ...(watch.resolved_address ? [watch.resolved_address] : []));

// Whether both are the same target, seen with the same identity at the same of its addresses.
export const sameWatch = (one, other) => one.target === other.target && one.identity === other.identity && one.resolved_address === other.resolved_address;
