// Reads trust anchors from files: PEM bundles (also OpenSSL's TRUSTED CERTIFICATE), DER, directories and globs. What can be
// read is returned, and what cannot is a trouble beside it; nothing throws. Blocking: never on a probe's thread.
#pragma once

#include <string>
#include <vector>

#include "probes/observations/inventory.h"
#include "probes/tls/handles.h"

namespace probes::chain {

struct AnchorFiles {
  std::vector<tls::Ptr<X509>> anchors;  // as found, duplicates included
  std::vector<std::string> paths;       // the files read, whether or not they were fit
  std::vector<observations::Trouble> errors;
};

// Adds what `pattern` names: a file, the files of a directory (not of those below it), or all that a glob matches.
void read_anchors(const std::string& pattern, AnchorFiles& files);

// Adds the operating system's anchors: SSL_CERT_FILE and SSL_CERT_DIR if set, else OpenSSL's defaults, else Debian's bundle.
void read_system_anchors(AnchorFiles& files);

}  // namespace probes::chain
