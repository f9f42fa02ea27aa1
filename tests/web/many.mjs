// An answer of /api/v1/estate with `count` watches, made from a real one: most are well, one in fifty is not, as in an estate on a
// bad day.
export function manyWatches(count, real) {
  const likes = real.watches ?? [], bad = likes.filter(({state}) => state === 'failed'), good = likes.filter(({state}) => state === 'good');
  const watches = Array.from({length: count}, (_, at) => {
    const like = at % 50 === 7 ? bad[at % bad.length] : good[at % good.length];
    const left = like.expiry_days === null ? null : ((at * 7919) % 3650) / 10 + 0.5;
    const soon = like.state === 'good' && left < 9;
    return {...like, target: `service-${String(at).padStart(5, '0')}.zone-${at % 7}`, identity: at % 2 ? 'watcher' : 'billing', expiry_days: left,
      labels: {owner: `team-${at % 12}`, zone: `zone-${at % 7}`}, ends_soon: left !== null && left < 9, expiry_severity: left !== null && left < 9 ? 'warning' : null, state: soon ? 'attention' : like.state, cause: soon ? `The certificate expires in ${left.toFixed(1)} days` : like.cause};
  });
  const counts = {failed: 0, attention: 0, pending: 0, good: 0};
  for (const watch of watches) ++counts[watch.state];
  const ending = watches.filter(({expiry_days: left}) => left !== null && left < 90).sort((a, b) => a.expiry_days - b.expiry_days);
  const expiries = ending.slice(0, 1000).map((watch) => ({subject_cn: watch.target, issuer_cn: 'Estate Issuing CA', fingerprint_sha256: watch.target, authority: false,
    places: [{source: 'server', name: watch.target}], places_total: 1, expiry: real.at, expiry_days: watch.expiry_days, ends_soon: watch.expiry_days < 30, expiry_severity: watch.expiry_days < 7 ? 'critical' : watch.expiry_days < 30 ? 'warning' : null}));
  const byDay = Array(91).fill(0);
  for (const {expiry_days: left} of ending) ++byDay[Math.floor(left) + 1];
  return {version: real.version, revision: real.revision, openssl: real.openssl, at: real.at, counts, counts_by_kind: {server: counts}, strangers_get_in: [...new Set(watches.filter(({enforced}) => enforced === false).map(({target}) => target))], watches, identities: real.identities ?? [], trust: real.trust ?? [], sources: real.sources ?? [], discoveries: real.discoveries ?? [], expiries, expiries_total: ending.length, expiries_by_day: byDay};
}
