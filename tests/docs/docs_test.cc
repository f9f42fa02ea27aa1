// What docs/ says of the code is what the code says of itself. With UPDATE_DOCS set the tests write it instead.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "exporter/commands/command_line.h"
#include "exporter/discovery/source.h"
#include "exporter/metrics/reference.h"
#include "exporter/telemetry/summary.h"
#include "probes/observations/finding.h"
#include "probes/protocols/protocol.h"

namespace {

using probes::observations::FindingRow;
using probes::observations::Subject;

// Compares what stands in docs/`page` between the markers of `name` with `truth`, or replaces it.
void check(const std::string& page, const std::string& name, const std::string& truth) {
  const std::string path = std::string(MTLS_SOURCE_DIR) + "/docs/" + page;
  std::ifstream stream(path);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::string begin = "<!-- " + name + ":begin -->\n", end = "<!-- " + name + ":end -->";
  const auto start = text.find(begin);
  ASSERT_NE(start, std::string::npos) << page << " lacks " << begin;
  const auto from = start + begin.size();
  const auto to = text.find(end, from);
  ASSERT_NE(to, std::string::npos) << page << " lacks " << end;
  if (std::getenv("UPDATE_DOCS") != nullptr) std::ofstream(path) << text.replace(from, to - from, truth);
  else EXPECT_EQ(text.substr(from, to - from), truth) << "run this test with UPDATE_DOCS=1";
}

std::string_view word(Subject subject) {
  switch (subject) {
    case Subject::chain: return "chain";
    case Subject::certificate: return "certificate";
    case Subject::identity: return "identity";
  }
  return "chain";
}

std::string findings_table() {
  std::string table = "| finding | about | severity | meaning | rule |\n|---|---|---|---|---|\n";
  for (const FindingRow& row : probes::observations::all_findings())
    table.append("| `")
        .append(row.word)
        .append("` | ")
        .append(word(row.subject))
        .append(" | ")
        .append(word(row.severity))
        .append(" | ")
        .append(row.meaning)
        .append(" | ")
        .append(row.rule)
        .append(" |\n");
  return table;
}

std::string protocols_table() {
  std::string table = "| protocol | what is said |\n|---|---|\n";
  for (const auto& protocol : probes::protocols::all_protocols())
    table.append("| `").append(protocol.name).append("` | ").append(protocol.description).append(" |\n");
  return table;
}

std::string discovery_table() {
  std::string table = "| source | what it finds |\n|---|---|\n";
  for (const auto& source : exporter::discovery::sources())
    table.append("| `").append(source.key).append("` | ").append(source.what).append(" |\n");
  return table;
}

std::string telemetry_table() {
  std::string table = "| family | labels | meaning |\n|---|---|---|\n";
  for (const auto& family : exporter::telemetry::summary_families())
    table.append("| `").append(family.name).append("` | ").append(family.labels).append(" | ").append(family.help).append(" |\n");
  return table;
}

std::string help_text() {
  const std::vector<std::string> arguments = {"--help"};
  const auto parsed = exporter::parse_command_line(arguments, "host");
  return "```\n" + std::get<exporter::Exit>(parsed).text + "```\n";
}

// The golden page of an unknown CA.
std::string explained_probe() {
  std::ifstream page(std::string(MTLS_SOURCE_DIR) + "/tests/golden/pages/client_certificate_unknown_ca.txt");
  return "```\n$ mtls_exporter probe payments-api\n" + std::string(std::istreambuf_iterator<char>(page), {}) + "```\n";
}

TEST(Docs, HaveTheTableOfMetrics) { check("metrics.md", "metrics", exporter::metrics::metrics_table()); }
TEST(Docs, HaveTheTableOfBlackboxNames) { check("probing-on-demand.md", "blackbox", exporter::metrics::blackbox_table()); }
TEST(Docs, HaveTheTableOfFailureReasons) { check("reasons.md", "reasons", exporter::metrics::reasons_table()); }
TEST(Docs, HaveTheTableOfFindings) { check("findings.md", "findings", findings_table()); }
TEST(Docs, HaveTheTableOfProtocols) { check("protocols.md", "protocols", protocols_table()); }
TEST(Docs, HaveTheTableOfDiscoveries) { check("discovery.md", "discovery", discovery_table()); }
TEST(Docs, HaveTheTableOfTelemetry) { check("metrics.md", "telemetry", telemetry_table()); }
TEST(Docs, HaveTheFlags) { check("operations.md", "flags", help_text()); }
TEST(Docs, ShowAPageAsItIsPrinted) { check("probe.md", "probe", explained_probe()); }

}  // namespace
