// One watch in full: what is wrong and what to do, the chain, who may come in, how it has been.
import {copied} from './copy.js';
import {apart, code, days, element, mark, shown, spaced, urgency, verdictLook, linkOf} from './dom.js';
import {history} from './history.js';
import {date, fromNow, moment} from './time.js';
import {commands, linkRow, remedyText} from './tools.js';

const namesAtOnce = 12;  // SANs and acceptable CAs before the rest is folded away

const section = (title, ...children) => element('section', {}, element('h3', {}, title), ...children);
const facts = (pairs) => element('dl', {class: 'facts'}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== '')
  .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
const yes = (value) => (value === null || value === undefined ? null : value ? 'yes' : 'no');
const milliseconds = (seconds) => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;

function folded(key, items, most = namesAtOnce) {
  const list = (some) => element('ul', {class: 'names'}, some.map((item) => element('li', {}, code(item))));
  if (items.length <= most) return list(items);
  return [list(items.slice(0, most)), element('details', {'data-key': key}, element('summary', {}, `${items.length - most} more`), list(items.slice(most, 1000)))];
}

function trouble(watch) {
  const failure = watch.last?.failure;
  return element('section', {class: `verdict is-${watch.state}`},
    element('p', {class: 'cause'}, watch.cause ? `${shown(watch.cause)}.` : 'Everything expected of it holds.'),
    failure && element('p', {}, element('code', {}, `${failure.stage}/${failure.reason}`), failure.alert && [' alert ', element('code', {}, failure.alert)],
      failure.detail && [' – ', apart(failure.detail, 500)]),
    watch.expectation_failed.length > 0 && element('p', {class: 'muted'}, `Not as expected: ${watch.expectation_failed.map(spaced).join(', ')}`),
    watch.remedies.length > 0 && [element('h3', {}, 'What to do'), element('ol', {class: 'remedies'}, watch.remedies.map((remedy) => element('li', {}, remedyText(remedy))))]);
}

const problemLine = (problem, subject) => element('li', {class: `severity-${problem.severity}`}, mark({critical: 'failed', warning: 'attention', info: 'pending'}[problem.severity], problem.severity),
  ' ', element('code', {}, problem.finding), subject && [' ', apart(subject, 80)], element('span', {class: 'meaning'}, `${problem.meaning}${problem.rule ? ` (${problem.rule})` : ''}`),
  problem.detail && element('span', {class: 'meaning muted'}, apart(problem.detail, 500)));

const name = (certificate) => certificate.subject_common_name || certificate.subject || '(no subject)';

const end = (certificate) => (certificate.not_after === null ? null : Date.parse(certificate.not_after));

function remaining(certificate, now, severity) {
  if (end(certificate) === null) return element('span', {class: 'left attention'}, 'end unreadable');
  const left = (end(certificate) - now) / 864e5;
  return element('span', {class: `left ${urgency(severity)}`}, left < 0 ? `expired ${days(-left)} days ago` : `expires in ${days(left)} days`);
}

function certificateItem(certificate, role, now, severity) {
  const sans = certificate.subject_alternative_names.map((san) => `${san.kind}:${san.value}`);
  return element('li', {},
    element('p', {class: 'link'}, element('strong', {}, apart(name(certificate), 160)), ' ', element('span', {class: 'tag'}, role),
      remaining(certificate, now, severity)),
    element('p', {class: 'muted'}, date(certificate.not_before, true), ' to ', date(certificate.not_after, true), ` · ${shown(certificate.key)} · ${shown(certificate.signature_algorithm)} · issued by `,
      apart(certificate.issuer_common_name || certificate.issuer, 160)),
    element('details', {'data-key': `c-${role}-${certificate.fingerprint_sha256}`}, element('summary', {}, 'Names, fingerprint'),
      facts([['Subject', apart(certificate.subject)], ['Names', sans.length ? folded(`s-${certificate.fingerprint_sha256}`, sans) : 'none'], ['Serial', certificate.serial === null ? 'unreadable' : copied(shown(certificate.serial), 'the serial')],
        ['SHA-256', copied(certificate.fingerprint_sha256, 'the fingerprint')], ['Usages', certificate.extended_key_usages.map((usage) => shown(usage)).join(', ')]])));
}

// Which list or responder said what of each certificate of the path, and until when.
function revocation(chain, certificates) {
  if (!chain?.revocation?.length) return null;
  const kind = {good: 'good', revoked: 'failed'};
  const of = (answer) => certificates.find((certificate) => certificate.fingerprint_sha256 === answer.certificate);
  return element('ul', {class: 'names'}, chain.revocation.map((answer) => element('li', {}, mark(kind[answer.status] ?? 'pending', answer.status), ' ', apart(name(of(answer) ?? {}), 80),
    answer.reason && ` (${spaced(answer.reason)}${answer.revoked_at ? `, ${answer.revoked_at.slice(0, 10)}` : ''})`,
    element('span', {class: 'muted'}, ` ${answer.method}`, answer.source && [' ', apart(answer.source, 160)], answer.until && `, until ${answer.until.slice(0, 16).replace('T', ' ')} UTC (${fromNow(answer.until)})`,
      answer.detail && [': ', apart(answer.detail, 200)]))));
}

function chain(watch, now) {
  const received = watch.received;
  if (!received) return section('Server certificates', element('p', {class: 'empty'}, 'The server has sent none yet.'));
  const sent = new Set(received.certificates.map((certificate) => certificate.fingerprint_sha256));
  const anchors = (received.chain?.path ?? []).filter((certificate) => !sent.has(certificate.fingerprint_sha256));
  const role = (at) => (at === 0 ? 'leaf' : 'sent');
  const severity = (certificate) => received.expiry_severities[certificate.fingerprint_sha256];
  return section('Server certificates',
    !watch.last?.certificates?.length && element('p', {class: 'muted'}, 'Not seen by the last probe; received ', moment(received.at), '.'),
    facts([['Chain', watch.chain_valid === null ? null : watch.chain_valid ? 'valid' : element('span', {class: 'failed'}, 'not valid: ', apart(received.chain?.verify_text))],
      ['Complete', watch.chain_complete === null ? null : watch.chain_complete ? 'yes' : element('span', {class: 'attention'}, 'no')],
      ['Name', watch.hostname_match === null ? null : watch.hostname_match ? ['carries ', code(watch.server_name)] : element('span', {class: 'failed'}, 'does not carry ', code(watch.server_name))],
      ['Revocation', revocation(received.chain, [...received.certificates, ...anchors])],
      ['Judged against', watch.trust ? ['trust store ', apart(watch.trust)] : 'the system’s trust store']]),
    element('ol', {class: 'chain'}, received.certificates.slice(0, 20).map((certificate, at) => certificateItem(certificate, role(at), now, at === 0 ? watch.expiry_severity : severity(certificate))),
      anchors.map((certificate) => certificateItem(certificate, 'not sent', now, severity(certificate)))));
}

function findings(watch) {
  const problems = watch.received?.chain?.problems ?? [];
  const subject = (problem) => (problem.position === null ? '' : name(watch.received.certificates[problem.position] ?? watch.received.chain.path.at(-1) ?? {}));
  const order = ['critical', 'warning', 'info'];
  return section('Findings', problems.length === 0 ? element('p', {class: 'empty'}, watch.received ? 'None.' : 'No certificate to judge.')
    : element('ul', {class: 'findings'}, [...problems].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity)).map((problem) => problemLine(problem, subject(problem)))));
}

function client(watch) {
  const seen = watch.last?.client, list = seen?.acceptable;
  return section('Client certificate and door',
    facts([['Verdict', watch.verdict && mark(verdictLook(watch).replace('muted', 'pending'), spaced(watch.verdict))],
      ['Server asks', seen?.requested ? (seen.requested_late ? 'yes, after the handshake' : 'yes') : watch.verdict ? 'no' : null], ['We sent ours', watch.verdict ? yes(seen?.sent) : null],
      ['Our CA is listed', yes(seen?.issuer_listed)],
      ['Door', watch.mode && element('span', {class: watch.enforced === false ? 'failed' : ''}, spaced(watch.mode))], ['Enforced', yes(watch.enforced)],
      ['Knocks', watch.knocks.length ? element('ul', {class: 'names'}, watch.knocks.map((knock) => element('li', {}, apart(knock.knock), ': ',
        element('span', {class: knock.answer === 'admitted' ? 'attention' : ''}, knock.answer), ' ', element('span', {class: 'muted'}, moment(knock.at))))) : null],
      ['Accepts', list && (list.names.length ? folded('cas', list.names) : 'any CA: its list is empty')]]),
    !watch.last && element('p', {class: 'empty'}, 'Not probed yet.'));
}

function connection(watch) {
  const last = watch.last;
  if (!last) return null;
  const phases = Object.entries(last.phase_seconds).filter(([, seconds]) => seconds > 0).map(([phase, seconds]) => `${phase} ${milliseconds(seconds)}`);
  return section('Connection', facts([['Address', code(watch.address)], ['Endpoint', last.endpoint && code(last.endpoint)], ['Module', apart(watch.module)],
    ['TLS', last.negotiated && shown([last.negotiated.version, last.negotiated.cipher, last.negotiated.group, last.negotiated.alpn].filter(Boolean).join(', '))],
    ['HTTP status', last.application_status], ['Took', `${milliseconds(last.duration_seconds)}${phases.length ? ` (${phases.join(', ')})` : ''}`],
    ['Every', `${watch.interval_seconds} s`]]));
}

export function heading(watch) {
  return [mark(watch.state), element('h2', {id: 'detail-title'}, apart(watch.target, 120)),
    element('p', {class: 'muted'}, watch.identity ? ['as ', apart(watch.identity, 80)] : 'without an identity', watch.resolved_address && [' at ', apart(watch.resolved_address, 80)], ' · ', code(watch.address ?? '', 120),
      Object.entries(watch.labels).map(([label, value]) => [' ', element('span', {class: 'tag'}, apart(`${label}=${value}`, 80))])), linkRow(watch)];
}

// The body for `watch`, one of `watches` of the same target. `probeNow`: what the sheet has to probe with; null: it may not.
export function detailBody(watch, watches, now, probeNow) {
  const others = watches.filter((other) => other !== watch);
  return [others.length > 0 && element('nav', {class: 'others', 'aria-label': 'Other watches of this target'}, element('span', {class: 'muted'}, 'Also as'), others.map((other) =>
    element('a', {href: linkOf(other), 'data-key': `o-${other.identity}-${other.resolved_address}`}, mark(other.state, (other.identity ? shown(other.identity, 60) : 'no identity') + (other.resolved_address ? ` at ${shown(other.resolved_address, 60)}` : ''))))),
  trouble(watch), probeNow, commands(watch), chain(watch, now), findings(watch), client(watch), connection(watch), history(watch)];
}
