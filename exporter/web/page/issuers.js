// Who depends on each CA: issuer, kinds, things, with what expires first. Only a name may be known; then that is said.
import {apart, days, element, mark, urgency} from './dom.js';
import {date} from './time.js';

const worded = {servers: 'servers that serve its chains', identities: 'identities of this exporter', files: 'files', callers: 'callers',
  issued: 'issued certificates', doors: 'doors that list it'};

const left = (one, name) => (one[`${name}_days`] === null ? null
  : element('span', {class: urgency(one[`${name}_severity`])}, one[`${name}_days`] < 0 ? `expired ${days(-one[`${name}_days`])} days ago` : `expires in ${days(one[`${name}_days`])} days`,
    ' (', date(one[name]), ')'));

const thing = (one) => element('li', {}, apart(one.name, 160), one.expiry !== null && [', ', left(one, 'expiry')]);

function kind([name, of], issuer) {
  const named = of.by_name === 0 ? '' : of.by_name === of.count ? ', by name alone' : `, ${of.by_name.toLocaleString('en')} by name alone`;
  const more = of.count - of.things.length;
  return element('li', {}, element('details', {'data-key': `${issuer}\n${name}`},
    element('summary', {}, `${of.count.toLocaleString('en')} ${worded[name] ?? name}${named}`, of.first_expiry !== null && ['; the first ', left(of, 'first_expiry')]),
    element('ul', {}, of.things.map(thing), more > 0 && element('li', {class: 'muted'}, `and ${more.toLocaleString('en')} more: mtls_exporter dependents has them`))));
}

function issuer(one) {
  const key = `${one.issuer}\n${one.issuer_key}`;
  return element('li', {}, element('details', {'data-key': key},
    element('summary', {}, mark(one.state, element('span', {class: 'unseen'}, one.state)), ' ', element('strong', {}, apart(one.subject_cn, 120)), ' ',
      one.issuer_key === null ? element('span', {class: 'muted'}, 'only its name is known') : left(one, 'expiry'),
      `: ${one.dependents.toLocaleString('en')} depend on it`),
    element('p', {class: 'muted'}, apart(one.issuer, 300), one.issuer_key !== null && `, key ${one.issuer_key}`),
    element('ul', {}, Object.entries(one.kinds).map((entry) => kind(entry, key)))));
}

export function issuersView(answer) {
  const title = element('h2', {}, 'Issuers');
  const empty = element('p', {class: 'empty'}, answer ? 'Nothing that was seen depends on a CA.' : 'Asking the exporter …');
  if (!answer || answer.issuers.length === 0) return [element('section', {}, title, empty)];
  const of = (state) => answer.issuers.filter((one) => one.state === state).length;
  const said = `What breaks when a CA expires, those that expire first in front: ${of('failed').toLocaleString('en')} expired, ${of('attention').toLocaleString('en')} soon, of ${answer.issuers.length.toLocaleString('en')}.`;
  return [element('section', {}, title, element('p', {class: 'muted'}, said),
    element('ul', {class: 'tree'}, answer.issuers.map(issuer)))];
}
