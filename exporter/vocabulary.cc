#include "exporter/vocabulary.h"

#include "exporter/metrics/family.h"
#include "probes/observations/finding.h"
#include "probes/protocols/protocol.h"
#include "probes/tls/context.h"

namespace exporter {

config::Vocabulary vocabulary() {
  config::Vocabulary words{.protocols = {}, .findings = {}, .reserved_labels = metrics::reserved_labels()};
  for (const auto& protocol : probes::protocols::all_protocols()) words.protocols.push_back(protocol.name);
  words.default_ports = probes::protocols::default_ports();
  for (const auto& finding : probes::observations::all_findings()) words.findings.push_back(finding.word);
  words.unfit_tls = probes::tls::unfit;
  return words;
}

}  // namespace exporter
