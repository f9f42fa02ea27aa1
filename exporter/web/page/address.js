// What the address of the page says, behind its #: the view with its filter, or a watch. So a view can be sent to somebody.

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// {view, query} or {target, identity, query}; identity null: whichever comes first.
export function read(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [name, target, identity] = path.split('/');
  const asked = new URLSearchParams(query);
  if (name === 'watch' && target) return {target: decoded(target), identity: identity === undefined ? null : decoded(identity), query: asked};
  return {view: name || 'watches', query: asked};
}

export function written(view, query = '') {
  const path = view === 'watches' ? '#/' : `#/${view}`;
  return query ? `${path}?${query}` : path;
}
