// Every certificate of the estate once, by its SHA-256, with every place where it was met: what `mtls_exporter inventory` writes
// down. Plain values, filled by whoever looks (exporter/commands/inventory_command.cc) and written by document.h; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "probes/observations/certificate.h"

namespace exporter::inventory {

// In the words of the label `source`: server, identity, file, authority, trust.
struct Place {
  std::string source;
  std::string target;        // the target, the identity, `path#alias`, the authority or the trust store
  std::string identity;      // of a server: the one we offered; "" none
  std::string address;       // of a server: where it answered
  std::string name;          // of a file: the set it belongs to
  std::size_t position = 0;  // as sent, or in the file
  config::Labels labels;
  auto operator<=>(const Place&) const = default;
};

struct Holding {
  probes::observations::CertificatePtr certificate;
  bool listed_only = false;  // a CA's list names it: only serial, subject and end are known, and there is no fingerprint
  std::vector<Place> places;
  // Leaves of different subjects or owners that share its key, itself included; 0: it has its key for itself, or is a CA's.
  std::size_t key_places = 0;
};

class Holdings {
 public:
  // Once more for the same certificate: another place. The same place twice is one.
  void add(const probes::observations::CertificatePtr& certificate, Place place, bool listed_only = false);

  // Those that end first in front; what has no end that can be read before all others.
  [[nodiscard]] std::vector<Holding> all() const;

 private:
  std::map<std::string, Holding> by_fingerprint_;
};

// The values of the label `owner` at the places of a certificate, each once.
[[nodiscard]] std::vector<std::string> owners_of(const Holding& holding);

}  // namespace exporter::inventory
