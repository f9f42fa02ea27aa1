// What is wrong, over every view and in the title: strangers first, then what is failed or wants attention of each kind. The same counts
// everywhere.
import {apart, element, watchLink} from './dom.js';

// Kind, how one and many are called, and the view that shows them.
const kinds = [['server', 'watch', 'watches', 'watches'], ['identity', 'identity', 'identities', 'sources'], ['trust', 'trust store', 'trust stores', 'sources'],
  ['file', 'set of files', 'sets of files', 'sources'], ['authority', 'authority', 'authorities', 'sources'], ['caller', 'caller', 'callers', 'callers'],
  ['log', 'log of callers', 'logs of callers', 'sources'], ['distribution_point', 'revocation list', 'revocation lists', 'sources'],
  ['responder', 'OCSP responder', 'OCSP responders', 'sources'], ['discovery', 'discovery', 'discoveries', 'sources']];
const namedAtOnce = 5;

export const counted = (estate, state, view) => kinds.reduce((sum, [kind, , , of]) => sum + (!view || of === view ? estate.counts_by_kind[kind]?.[state] ?? 0 : 0), 0);

function sentence(estate, state) {
  const parts = kinds.map(([kind, one, many, view]) => [estate.counts_by_kind[kind]?.[state] ?? 0, one, many, view]).filter(([count]) => count > 0);
  if (parts.length === 0) return null;
  return element('span', {class: state}, `${state === 'failed' ? 'Failed' : 'Attention'}: `, parts.map(([count, one, many, view], at) => [at > 0 && ', ',
    element('a', {href: view === 'watches' ? `#/?state=${state}` : `#/${view}`}, `${count.toLocaleString('en')} ${count === 1 ? one : many}`)]));
}

function strangers(targets) {
  if (targets.length === 0) return null;
  const more = targets.length - namedAtOnce;
  return element('p', {class: 'strangers'}, element('strong', {}, `Strangers get in at ${targets.length === 1 ? '1 server' : `${targets.length.toLocaleString('en')} servers`}: `),
    targets.slice(0, namedAtOnce).map((target, at) => [at > 0 && ', ', element('a', {href: watchLink(target)}, apart(target, 80))]), more > 0 && ` and ${more.toLocaleString('en')} more`);
}

export function drawHeadline(root, estate) {
  const sentences = [sentence(estate, 'failed'), sentence(estate, 'attention')].filter(Boolean);
  const parts = [strangers(estate.strangers_get_in), sentences.length > 0 && element('p', {}, sentences.map((one, at) => [at > 0 && '. ', one]), '.')].filter(Boolean);
  // Drawn anew only where it says something else: a reader may be about to follow a link.
  const said = parts.map((part) => part.textContent).join('\n');
  if (root.dataset.said === said) return;
  root.dataset.said = said;
  root.hidden = parts.length === 0;
  root.replaceChildren(...parts);
}

// "(3) Strangers get in – mtls_exporter"
export function titled(estate) {
  const failed = estate ? counted(estate, 'failed') : 0;
  const words = [failed > 0 && `(${failed})`, estate?.strangers_get_in.length > 0 && 'Strangers get in –', 'mtls_exporter'];
  return words.filter(Boolean).join(' ');
}

// How many of what a view shows are failed, or else want attention, beside its name.
export function drawBadges(links, estate) {
  for (const link of links) {
    const state = ['failed', 'attention'].find((one) => counted(estate, one, link.dataset.view) > 0);
    const badge = state && element('span', {class: `badge ${state}`}, counted(estate, state, link.dataset.view).toLocaleString('en'), element('span', {class: 'unseen'}, ` ${state}`));
    link.querySelector('.badge')?.remove();
    if (badge) link.append(' ', badge);
  }
}
