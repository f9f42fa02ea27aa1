#include "exporter/commands/inventory_command.h"

#include <limits>
#include <memory>
#include <ostream>
#include <set>
#include <utility>

#include "exporter/at_rest/cluster_reader.h"
#include "exporter/at_rest/file_reader.h"
#include "exporter/at_rest/vault_reader.h"
#include "exporter/commands/discovered.h"
#include "exporter/explain/ask.h"
#include "exporter/explain/inquiry.h"
#include "exporter/explain/phrases.h"
#include "exporter/inventory/document.h"
#include "exporter/materials/materials.h"
#include "probes/inventory/openssl_index.h"
#include "probes/observations/wall_time.h"

namespace exporter {

namespace {

using inventory::Place;
using probes::observations::CertificatePtr;
using probes::observations::Inventory;
using probes::observations::IssuedCertificate;
using probes::observations::StoredCertificate;
using probes::observations::Trouble;

// One run over the estate.
class Taking {
 public:
  Taking(MaterialsPtr materials, std::chrono::sys_seconds now) : materials_(std::move(materials)), now_(now) {}

  void at_rest() {
    for (const auto& [name, settings] : materials_->settings->identities) take(settings);
    for (const auto& [name, settings] : materials_->settings->trust) take(settings);
    for (const auto& [name, set] : materials_->settings->files) take(set);
    if (const config::FileSet served = served_files(*materials_->settings); !served.paths.empty()) take(served);
    for (const auto& [name, authority] : materials_->settings->authorities)
      if (!authority.vault_pki) take(authority);
  }

  void in_clusters() {
    for (const ClusterSet& set : cluster_sets(*materials_->settings)) {
      ClusterReader reader(set, [this] { return materials_; });
      take(file_set_of(set), reader.read(nullptr));
    }
  }

  void in_vaults() {
    for (const auto& [name, authority] : materials_->settings->authorities) {
      if (!authority.vault_pki) continue;
      const auto read = vault::Reader(*authority.vault_pki, false, [this] { return materials_; }).read({});
      const Place place{.source = "authority", .target = name, .labels = authority.labels};
      for (const vault::Known& issued : read.certificates) holdings_.add(issued.certificate, place);
      tell("authority " + name, read.troubles);
    }
  }

  void served(const std::string& config_file) {
    const config::Settings& settings = *materials_->settings;
    if (settings.targets.empty()) return;
    ProbeOnce every;
    every.all = true;
    for (const explain::Account& account : explain::ask(explain::inquiries(every, settings, config_file, now_).all))
      take(account);
  }

  void leave_out(const std::vector<std::string>& lines) { left_out_.insert(lines.begin(), lines.end()); }

  inventory::Document document() const {
    return {.holdings = holdings_.all(), .left_out = {left_out_.begin(), left_out_.end()}, .at = now_};
  }

 private:
  void take(const config::Identity& settings) {
    const auto identity = materials_->identities.at(settings.name);
    Place place{.source = "identity", .target = settings.name, .labels = settings.labels};
    for (const CertificatePtr& certificate : identity->certificates()) {
      holdings_.add(certificate, place);
      ++place.position;
    }
    if (!identity->certificates().empty()) return;
    for (const auto& problem : identity->problems())
      left_out_.insert("identity " + settings.name + ": " +
                       (problem.detail.empty() ? std::string(row(problem.finding).meaning) : problem.detail));
  }

  void take(const config::TrustStore& settings) {
    const auto store = materials_->trust.at(settings.name);
    for (const CertificatePtr& anchor : store->certificates())
      holdings_.add(anchor, {.source = "trust", .target = settings.name, .labels = settings.labels});
    tell("trust store " + settings.name, store->errors());
  }

  void take(const config::FileSet& set) { take(set, file_reader(set)(nullptr)); }

  void take(const config::FileSet& set, const Inventory& read) {
    for (const StoredCertificate& stored : read.certificates)
      holdings_.add(stored.certificate, {.source = "file",
                                         .target = std::string(stored.place.text()),
                                         .name = set.name,
                                         .position = stored.position,
                                         .labels = set.labels});
    tell("files " + set.name, read.troubles);
  }

  // All that it has issued, whenever that ends.
  void take(config::Authority authority) {
    authority.publish = {.within = std::nullopt, .max_series = std::numeric_limits<std::uint32_t>::max()};
    authority.publish_superseded = true;
    const Place place{.source = "authority", .target = authority.name, .labels = authority.labels};
    if (authority.openssl_index.empty()) {
      const Inventory read = file_reader({.name = authority.name, .paths = authority.issued})(nullptr);
      for (const StoredCertificate& stored : read.certificates)
        if (stored.position == 0) holdings_.add(stored.certificate, place);
      return tell("authority " + authority.name, read.troubles);
    }
    const auto read = probes::inventory::read_openssl_index(authority, now_);
    for (const IssuedCertificate& issued : read.published) holdings_.add(issued.certificate, place, issued.listed_only);
    tell("authority " + authority.name, read.troubles);
  }

  void take(const explain::Account& account) {
    const config::Target& target = *account.asked.target;
    Place place{.source = "server",
                .target = target.name,
                .identity = account.asked.identity,
                .address = account.seen.endpoint,
                .labels = target.labels};
    for (const CertificatePtr& certificate : account.seen.certificates) {
      holdings_.add(certificate, place);
      ++place.position;
    }
    if (!account.seen.certificates.empty()) return;
    const auto* failure = account.seen.failure();
    left_out_.insert("target " + target.name + ": showed no certificate" +
                     (failure == nullptr ? "" : ": " + std::string(word(failure->reason))));
  }

  void tell(const std::string& of, const std::vector<Trouble>& troubles) {
    for (const Trouble& trouble : troubles) left_out_.insert(of + ": " + trouble.path + ": " + trouble.detail);
  }

  const MaterialsPtr materials_;
  const std::chrono::sys_seconds now_;
  inventory::Holdings holdings_;
  std::set<std::string> left_out_;
};

// With the targets that discoveries find, but for those of a sweep. `left_out`: whose list could not be made, all of it.
std::shared_ptr<const config::Settings> with_discovered(std::shared_ptr<const config::Settings> configured,
                                                        const TakeInventory& options, const config::Vocabulary& vocabulary,
                                                        std::chrono::sys_seconds now, std::ostream& err,
                                                        std::vector<std::string>& left_out) {
  if (configured->discovery.empty()) return configured;
  auto looked = discovery::look_once(
      *configured, options.probe ? discovery::Effort::question : discovery::Effort::files,
      {.materials = [&] { return load_materials(configured, now); }, .reserved_labels = vocabulary.reserved_labels});
  warn_of(looked, err);
  for (const auto& [discovery, at_all, look] : looked)
    if (at_all && !look.complete) left_out.push_back("discovery " + discovery.name + ": not all of its list could be made");
  return std::make_shared<const config::Settings>(discovery::Merge(configured).with(discovery::found(std::move(looked))));
}

std::string written(const inventory::Document& document, InventoryFormat format) {
  switch (format) {
    case InventoryFormat::json: return inventory::json(document);
    case InventoryFormat::csv: return inventory::csv(document);
    case InventoryFormat::cyclonedx: return inventory::cyclonedx(document);
  }
  return {};
}

}  // namespace

int inventory_command(const TakeInventory& options, const std::string& config_file, const config::Vocabulary& vocabulary,
                      std::ostream& out, std::ostream& err) {
  const auto now = probes::observations::wall_seconds();
  std::shared_ptr<const config::Settings> settings;
  try {
    settings = std::make_shared<const config::Settings>(config::load(config_file, vocabulary));
  } catch (const config::ConfigurationError& error) {
    err << error.what() << '\n';
    return 2;
  }
  std::vector<std::string> left_out;
  settings = with_discovered(settings, options, vocabulary, now, err, left_out);
  Taking taking(load_materials(settings, now), now);
  taking.leave_out(left_out);
  taking.at_rest();
  if (options.probe) {
    taking.in_clusters();
    taking.in_vaults();
    taking.served(config_file);
  }
  const inventory::Document document = taking.document();
  out << written(document, options.format);
  for (const std::string& line : document.left_out) err << inventory::clean(line) << '\n';
  return document.left_out.empty() ? 0 : 1;
}

}  // namespace exporter
