#include "exporter/metrics/family.h"

#include <set>

namespace exporter::metrics {

namespace {

// Shows each row of the kind the family is made of to the family's function.
struct Visit {
  const Rows& rows;
  Samples& out;

  void operator()(Per<WatchRow> add) const { each(rows.watches, add); }
  void operator()(Per<ProbeRow> add) const { each(rows.probes, add); }
  void operator()(Per<CertificateRow> add) const { each(rows.certificates, add); }
  void operator()(Per<ChainRow> add) const { each(rows.chains, add); }
  void operator()(Per<AddressesRow> add) const { each(rows.addresses, add); }
  void operator()(Per<IssuerRow> add) const { each(rows.issuers, add); }
  void operator()(Per<DependentsRow> add) const { each(rows.dependents, add); }
  void operator()(Per<RotationRow> add) const { each(rows.rotations, add); }
  void operator()(Per<KeyRow> add) const { each(rows.shared_keys, add); }
  void operator()(Per<IdentityRow> add) const { each(rows.identities, add); }
  void operator()(Per<SourceRow> add) const { each(rows.sources, add); }
  void operator()(Per<AuthorityRow> add) const { each(rows.authorities, add); }
  void operator()(Per<CallerRow> add) const { each(rows.callers, add); }
  void operator()(Per<DoorRow> add) const { each(rows.doors, add); }
  void operator()(Per<RenewalRow> add) const { each(rows.renewals, add); }
  void operator()(Per<RevocationListRow> add) const { each(rows.revocation_lists, add); }
  void operator()(Per<StoredRow> add) const { each(rows.stored, add); }
  void operator()(Per<ResultRow> add) const {
    out.of_row({});
    for (const ResultRow& row : rows.results) add(row, out);
  }
  void operator()(Per<BlackboxRow> add) const {
    out.of_row({});
    for (const BlackboxRow& row : rows.blackbox) add(row, out);
  }
  void operator()(FromRegistry) const {}

  template <typename Row>
  void each(const std::vector<Row>& of_kind, Per<Row> add) const {
    for (const Row& row : of_kind) {
      out.of_row(row.labels);
      add(row, out);
    }
  }
};

// The labels that every sample of a kind of row begins with.
struct KindLabels {
  using Names = std::vector<std::string_view>;
  Names operator()(Per<WatchRow>) const { return {"target", "identity", "address"}; }
  Names operator()(Per<ProbeRow>) const { return {"target", "identity", "address"}; }
  Names operator()(Per<CertificateRow>) const { return {"source", "target", "identity", "address", "position", "subject_cn"}; }
  Names operator()(Per<ChainRow>) const { return {"source", "target", "identity", "address"}; }
  Names operator()(Per<AddressesRow>) const { return {"target"}; }
  Names operator()(Per<IssuerRow>) const { return {"issuer", "issuer_key", "issuer_role", "subject_cn"}; }
  Names operator()(Per<DependentsRow>) const { return {"issuer", "issuer_key"}; }
  Names operator()(Per<RotationRow>) const { return {"rotation"}; }
  Names operator()(Per<KeyRow>) const { return {"fingerprint_key"}; }
  Names operator()(Per<IdentityRow>) const { return {"identity"}; }
  Names operator()(Per<SourceRow>) const { return {"source", "name"}; }
  Names operator()(Per<AuthorityRow>) const { return {"name"}; }
  Names operator()(Per<CallerRow>) const { return {"source", "target", "identity", "address", "position", "subject_cn"}; }
  Names operator()(Per<DoorRow>) const { return {"name"}; }
  Names operator()(Per<RenewalRow>) const { return {"source", "target", "identity", "address", "position", "subject_cn"}; }
  Names operator()(Per<RevocationListRow>) const { return {"source", "name", "issuer"}; }
  Names operator()(Per<StoredRow>) const { return {"target", "identity", "address", "path"}; }
  Names operator()(Per<ResultRow>) const { return {}; }
  Names operator()(Per<BlackboxRow>) const { return {}; }
  Names operator()(FromRegistry) const { return {}; }
};

std::vector<Family> joined() {
  std::vector<Family> table;
  for (const auto part : {probe_families(), certificate_families(), client_families(), at_rest_families(), caller_families(),
                          issuer_families(), source_families(), own_families()})
    table.insert(table.end(), part.begin(), part.end());
  return table;
}

}  // namespace

std::span<const Family> families() {
  static const std::vector<Family> table = joined();
  return table;
}

std::vector<std::string_view> label_names(const Family& family) {
  std::vector<std::string_view> names = std::visit(KindLabels{}, family.samples);
  for (const std::string_view name : family.more)
    if (!name.empty()) names.push_back(name);
  return names;
}

std::vector<std::string_view> reserved_labels() {
  std::set<std::string_view> names;
  for (const Family& family : families())
    for (const std::string_view name : label_names(family)) names.insert(name);
  return {names.begin(), names.end()};
}

SlotText render(const Rows& rows, config::Detail detail, std::span<const Family> table) {
  Samples out(detail);
  for (std::size_t index = 0; index < table.size(); ++index) {
    if (table[index].detail > detail) continue;
    out.open(table[index], index);
    std::visit(Visit{rows, out}, table[index].samples);
  }
  return out.finish();
}

std::string_view word(Type type) {
  switch (type) {
    case Type::gauge: return "gauge";
    case Type::counter: return "counter";
    case Type::histogram: return "histogram";
  }
  return "gauge";
}

std::string_view word(config::Detail detail) {
  switch (detail) {
    case config::Detail::lean: return "lean";
    case config::Detail::standard: return "standard";
    case config::Detail::full: return "full";
  }
  return "full";
}

}  // namespace exporter::metrics
