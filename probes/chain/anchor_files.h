// Reads trust anchors from files: what probes/inventory reads (PEM bundles, also OpenSSL's TRUSTED CERTIFICATE, DER, PKCS#7,
// PKCS#12, JKS), directories and globs. What can be read is returned, and what cannot is a trouble beside it; nothing throws.
// Blocking: never on a probe's thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "probes/observations/inventory.h"
#include "probes/tls/handles.h"
#include "probes/tls/secret_file.h"

namespace probes::chain {

struct AnchorFiles {
  std::vector<tls::Ptr<X509>> anchors;  // as found, duplicates included
  std::vector<std::string> paths;       // the files read, whether or not they were fit
  std::vector<observations::Trouble> errors;
};

struct Opening {
  std::span<const tls::Secret> passphrases = {};  // tried in order on keystores that need one
  bool partial_chain = false;  // any certificate anchors: else a file that was named and holds no CA is a trouble
};

// Adds what `pattern` names: a file, the files of a directory (not of those below it), or all that a glob matches.
void read_anchors(const std::string& pattern, AnchorFiles& files, const Opening& opening = {});

// Adds the operating system's anchors: SSL_CERT_FILE and SSL_CERT_DIR if set, else OpenSSL's defaults, else Debian's bundle.
void read_system_anchors(AnchorFiles& files);

}  // namespace probes::chain
