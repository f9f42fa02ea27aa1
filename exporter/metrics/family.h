// One row of the table of metric families, and the table. Everything that is published stands in it exactly once: /metrics in
// both formats, the table of docs/metrics.md and the tests are all made from it. To publish a known fact, add one block to the
// file of its kind (*_families.cc), the golden files and the row of docs/metrics.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.h"
#include "exporter/metrics/rows.h"
#include "exporter/metrics/samples.h"

namespace exporter::metrics {

// Info families are gauges in both formats: `x_info` of OpenMetrics' type info would collide with a gauge `x`.
enum class Type : std::uint8_t { gauge, counter, histogram };

// The values live in prometheus-cpp's registry (own.h).
struct FromRegistry {};

// From one row to its samples. The kind of the row decides which labels stand first.
template <typename Row>
using Per = void (*)(const Row&, Samples&);
using Source = std::variant<Per<WatchRow>, Per<ProbeRow>, Per<CertificateRow>, Per<ChainRow>, Per<AddressesRow>, Per<IssuerRow>,
                            Per<DependentsRow>, Per<RotationRow>, Per<KeyRow>, Per<IdentityRow>, Per<SourceRow>,
                            Per<AuthorityRow>, Per<CallerRow>, Per<DoorRow>, Per<RenewalRow>, Per<RevocationListRow>,
                            Per<StoredRow>, Per<ResultRow>, Per<BlackboxRow>, FromRegistry>;

struct Family {
  std::string_view name;  // with `_total` if a counter
  Type type = Type::gauge;
  config::Detail detail = config::Detail::standard;  // the least level at which it appears
  std::array<std::string_view, 8> more{};            // label names after those of the row; unused places are empty
  std::string_view help;                             // one sentence
  Source samples;
};

// The whole table, in the order of a scrape.
[[nodiscard]] std::span<const Family> families();

// Another table: the names of blackbox_exporter, which /probe answers with besides, so that rules written for it go on working.
// Never on /metrics.
[[nodiscard]] std::span<const Family> blackbox_families();

// The parts of families(), in that order.
[[nodiscard]] std::span<const Family> probe_families();
[[nodiscard]] std::span<const Family> certificate_families();
[[nodiscard]] std::span<const Family> client_families();
[[nodiscard]] std::span<const Family> at_rest_families();
[[nodiscard]] std::span<const Family> caller_families();
[[nodiscard]] std::span<const Family> issuer_families();
[[nodiscard]] std::span<const Family> source_families();
[[nodiscard]] std::span<const Family> own_families();

// The words of a row's label list: its kind's ("target", "identity", "address", ...) and its own.
[[nodiscard]] std::vector<std::string_view> label_names(const Family& family);

// Every label name of the table, sorted: names that a user's own labels must not have.
[[nodiscard]] std::vector<std::string_view> reserved_labels();

// The samples of one slot's rows. Any thread.
[[nodiscard]] SlotText render(const Rows& rows, config::Detail detail, std::span<const Family> table = families());

[[nodiscard]] std::string_view word(Type type);
[[nodiscard]] std::string_view word(config::Detail detail);

}  // namespace exporter::metrics
