// Commands for the reader's shell, made of names that others chose.

// One word, whatever is in it; null: it cannot be written so that it is safe to paste (a line break runs what stands before it, and what
// begins with a hyphen is an option).
export function word(text) {
  // eslint-disable-next-line no-control-regex
  if (text === '' || text.startsWith('-') || /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(text)) return null;
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

// null: there is none that is safe.
export function probeCommand(target, identity, address) {
  const words = ['mtls_exporter', 'probe', word(target), ...(identity ? ['--identity', word(identity)] : []), ...(address ? ['--address', word(address)] : [])];
  return words.includes(null) ? null : words.join(' ');
}

// What a remedy has in backquotes, if it is one of its commands: a certificate's name may have backquotes, too, and what it likes in them.
export const isCommand = (text) => /^(mtls_exporter check-config|openssl s_client -connect [\w[][\w.:[\]-]*)$/.test(text);
