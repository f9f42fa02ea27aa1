// Filters and sorts watches: plain data, no page. What costs is done once per answer, so that a keystroke only compares.

const severity = {failed: 0, attention: 1, pending: 2, good: 3};
const chains = (watch) => (watch.chain_valid === null ? null : watch.chain_valid ? (watch.chain_complete ? 2 : 1) : 0);
const doors = ['open', 'any_certificate', 'none', 'optional', 'undetermined', 'required'];

// Numbers to sort by; null comes last in either direction.
export const columns = {
  state: (watch) => severity[watch.state],
  target: (watch) => watch.rank,
  owner: (watch) => watch.ownerRank,
  identity: (watch) => watch.identityRank,
  verdict: (watch) => (watch.verdict ? ['rejected', 'unconfirmed', 'not_requested', 'accepted'].indexOf(watch.verdict) : null),
  cause: (watch) => watch.causeRank,
  expiry_days: (watch) => watch.expiry_days,
  chain: chains,
  mode: (watch) => (watch.mode ? doors.indexOf(watch.mode) : null),
};

function rank(watches, text, name) {
  const collator = new Intl.Collator('en', {numeric: true});
  const values = [...new Set(watches.map(text))].sort(collator.compare);
  const places = new Map(values.map((value, place) => [value, place]));
  for (const watch of watches) watch[name] = text(watch) === '' ? null : places.get(text(watch));
}

const searched = (watch) =>
  [watch.target, watch.identity, watch.resolved_address, watch.endpoint, watch.module, watch.state, watch.cause, watch.cause_word, watch.stage, watch.reason, watch.alert, watch.verdict,
    watch.mode, ...watch.findings, ...watch.expectation_failed, ...Object.entries(watch.labels).map(([name, value]) => `${name}=${value}`)]
    .filter(Boolean).join('\n').toLowerCase();

// Adds to every watch what sorting and filtering need.
export function prepare(watches) {
  rank(watches, (watch) => watch.target, 'rank');
  rank(watches, (watch) => watch.identity, 'identityRank');
  rank(watches, (watch) => watch.cause, 'causeRank');
  rank(watches, (watch) => watch.labels.owner ?? '', 'ownerRank');
  for (const watch of watches) watch.searched = searched(watch);
  return watches;
}

// A copy in order; what is equal stands the worst first, then by what ends first, then by name.
export function sorted(watches, column, descending) {
  const key = columns[column], sign = descending ? -1 : 1;
  const by = (one, other, way) => (one === other ? 0 : one === null ? 1 : other === null ? -1 : (one - other) * way);
  return [...watches].sort((a, b) => by(key(a), key(b), sign) || by(columns.state(a), columns.state(b), 1) ||
    by(a.expiry_days, b.expiry_days, 1) || a.rank - b.rank || by(a.identityRank, b.identityRank, 1));
}

// Those of `states` (all when empty) in which every word of `text` occurs.
export function filtered(watches, text, states) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return watches.filter((watch) => (states.size === 0 || states.has(watch.state)) && words.every((word) => watch.searched.includes(word)));
}

// The labels that watches can be grouped by: those that some have, the owners first.
export function labelsOf(watches) {
  const names = new Set(watches.flatMap((watch) => Object.keys(watch.labels)));
  const first = ['owner', 'team'].filter((name) => names.delete(name));
  return [...first, ...[...names].sort()];
}

// `watches` with a head before each group of the same value of `label`, the groups with most that failed first, those without it last.
// `hrefOf(value)`: where that group stands alone.
export function grouped(watches, label, hrefOf) {
  const groups = new Map();
  for (const watch of watches) {
    const value = Object.hasOwn(watch.labels, label) ? watch.labels[label] : '';  // the name may be any word of an address
    if (!groups.has(value)) groups.set(value, {value, watches: [], counts: {failed: 0, attention: 0, pending: 0, good: 0}});
    groups.get(value).watches.push(watch);
    ++groups.get(value).counts[watch.state];
  }
  const collator = new Intl.Collator('en', {numeric: true});
  const order = (a, b) => (a.value === '') - (b.value === '') || b.counts.failed - a.counts.failed || b.counts.attention - a.counts.attention || collator.compare(a.value, b.value);
  return [...groups.values()].sort(order).flatMap(({value, watches: some, counts}) =>
    [{group: value === '' ? `no ${label}` : `${label}=${value}`, href: hrefOf(value), count: some.length, counts}, ...some]);
}

// What the API's filters can say of a filter of ours: states, and words that are a label and all of its value.
export function apiQuery(watches, text, states) {
  const known = new Set(watches.flatMap((watch) => Object.entries(watch.labels).map(([name, value]) => `${name}=${value}`)));
  const labels = text.split(/\s+/).filter((word) => known.has(word));
  return new URLSearchParams([...labels.map((label) => ['label', label]), ...[...states].map((state) => ['state', state])]).toString();
}
