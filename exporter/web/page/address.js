// What the address of the page says, behind its #: the view with its filter, or a watch. So a view can be sent to somebody.

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// {view, query}, or a watch: {target, identity, address, query}; identity null: whichever of the target's is worst; address '': its name is
// not fanned out.
export function read(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [name, target, identity, address = ''] = path.split('/');
  const asked = new URLSearchParams(query);
  if (name === 'watch' && target) return {target: decoded(target), identity: identity === undefined ? null : decoded(identity), address: decoded(address), query: asked};
  return {view: name || 'watches', query: asked};
}

export function written(view, query = '') {
  const path = view === 'watches' ? '#/' : `#/${view}`;
  return query ? `${path}?${query}` : path;
}
