#include "exporter/commands/check_config.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <ostream>
#include <set>

#include "exporter/at_rest/file_reader.h"
#include "exporter/discovery/look_once.h"
#include "exporter/explain/phrases.h"
#include "exporter/materials/materials.h"
#include "exporter/materials/server_access.h"
#include "probes/chain/trust_store.h"
#include "probes/inventory/openssl_index.h"
#include "probes/observations/unreadable.h"

namespace exporter {
namespace {

using probes::observations::Problem;
using probes::observations::Severity;
using probes::observations::SourceReason;
using probes::observations::Trouble;

// What is wrong with the files, each line once.
struct Report {
  std::set<std::string> faults;
  std::set<std::string> warnings;
};

// "PATH: what is wrong (identity a)". Trouble with a file names the file itself; the rest is about the certificate.
std::string line(const Problem& problem, const config::Identity& identity) {
  const std::string& path = identity.pkcs12_file.empty() ? identity.certificate_file : identity.pkcs12_file;
  std::string text = problem.detail;
  const auto files = probes::tls::files_of(identity);
  const bool names_its_file =
      std::any_of(files.begin(), files.end(), [&](const std::string& file) { return text.starts_with(file + ":"); });
  if (!names_its_file) {
    const std::string about = path + ": " + std::string(probes::observations::row(problem.finding).meaning);
    text = text.empty() ? about : about + " (" + text + ")";
  }
  return text + " (identity " + identity.name + ")";
}

void check_identities(const Materials& materials, Report& report) {
  for (const auto& [name, settings] : materials.settings->identities)
    for (const Problem& problem : materials.identities.at(name)->problems())
      (problem.severity == Severity::critical ? report.faults : report.warnings).insert(line(problem, settings));
}

void check_trust(const Materials& materials, Report& report) {
  for (const auto& [name, settings] : materials.settings->trust) {
    const probes::chain::TrustStore& store = *materials.trust.at(name);
    for (const Trouble& error : store.errors())
      report.faults.insert(error.path + ": " + error.detail + " (trust store " + name + ")");
    for (const auto& anchor : store.certificates())
      for (const Problem& problem : probes::observations::unreadable_facts(*anchor, 0))
        report.warnings.insert(explain::subject_name(*anchor) + ": " + std::string(row(problem.finding).meaning) +
                               (problem.detail.empty() ? "" : " (" + problem.detail + ")") + " (trust store " + name + ")");
  }
}

void check_sources(const Materials& materials, std::chrono::sys_seconds now, Report& report) {
  const auto add = [&](const Trouble& trouble, const std::string& source) {
    report.faults.insert(trouble.path + ": " + trouble.detail + " (" + source + ")");
  };
  const config::Settings& settings = *materials.settings;
  for (const auto& [name, set] : settings.files)
    for (const Trouble& trouble : file_reader(set)(nullptr).troubles) add(trouble, "files " + name);
  for (const auto& [name, authority] : settings.authorities) {
    if (authority.vault_pki) {  // it is not asked here; that we have something to show it is
      const auto token = read_token(authority.vault_pki->token_file);
      if (const auto* trouble = std::get_if<Trouble>(&token)) add(*trouble, "authority " + name);
      continue;
    }
    const bool index = !authority.openssl_index.empty();
    const auto troubles = index ? probes::inventory::read_openssl_index(authority, now).troubles
                                : file_reader({.name = name, .paths = authority.issued})(nullptr).troubles;
    for (const Trouble& trouble : troubles) add(trouble, "authority " + name);
  }
}

// A log that is not there yet is waited for.
void check_callers(const config::Settings& settings, Report& report) {
  for (const auto& [name, callers] : settings.callers)
    for (const std::string& path : callers.log_files) {
      if (access(path.c_str(), R_OK) == 0) continue;
      const int code = errno;
      (code == ENOENT ? report.warnings : report.faults).insert(path + ": " + std::strerror(code) + " (callers " + name + ")");
    }
}

std::string counted(std::size_t count, const std::string& thing, const std::string& things) {
  return std::to_string(count) + " " + (count == 1 ? thing : things);
}

// Lists in files are made as the exporter would make them. One that cannot be made is a fault; an entry that is no target is not.
void check_discovery(const std::vector<discovery::Looked>& looked, Report& report) {
  for (const auto& [discovery, at_all, look] : looked) {
    auto& lines = look.complete ? report.warnings : report.faults;
    const std::string source = " (discovery " + discovery.name + ")";
    for (const Trouble& trouble : look.troubles.named())
      lines.insert(discovery::place_text(trouble) + ": " + std::string(word(trouble.reason)) + ": " + trouble.detail + source);
    const std::uint64_t unnamed = look.troubles.total() - look.troubles.named().size();
    if (unnamed > 0) lines.insert("and " + std::to_string(unnamed) + " more of the kind" + source);
  }
}

void check_proxies(const Materials& materials, Report& report) {
  for (const auto& [file, content] : materials.proxy_passwords) {
    if (!content->good()) report.faults.insert(file + ": " + content->trouble + " (the password of a proxy)");
    else if (content->world_readable) report.warnings.insert(file + ": everybody may read it (the password of a proxy)");
  }
}

// nginx lets everybody finish the handshake and refuses in HTTP: `tls` cannot see that, and says undetermined for ever.
void check_doors(const config::Settings& settings, Report& report) {
  for (const auto& target : settings.targets) {
    const config::Module& module = *target->module;
    const bool judged = module.client_auth.expect || !module.client_auth.must_refuse.empty();
    if (module.protocol == "tls" && judged)
      report.warnings.insert("target " + target->name +
                             ": `client_auth` is judged under `protocol: tls`, where an HTTP server's "
                             "refusal is not seen: set `protocol: auto` or `https` (module " +
                             module.name + ")");
  }
}

std::string summary(const config::Settings& settings) {
  return counted(settings.targets.size(), "target", "targets") + ", " +
         counted(settings.identities.size(), "identity", "identities") + ", " +
         counted(settings.trust.size(), "trust store", "trust stores") +
         (settings.discovery.empty() ? "" : ", " + counted(settings.discovery.size(), "discovery", "discoveries")) +
         (settings.files.empty() ? "" : ", " + counted(settings.files.size(), "set of files", "sets of files")) +
         (settings.authorities.empty() ? "" : ", " + counted(settings.authorities.size(), "authority", "authorities")) +
         (settings.callers.empty() ? "" : ", callers of " + counted(settings.callers.size(), "door", "doors"));
}

std::string finds(const discovery::Looked& looked) {
  const std::string what =
      looked.at_all ? "finds " + counted(looked.look.found.size(), "target", "targets") : "is not asked here";
  return "discovery " + looked.discovery.name + " " + what;
}

}  // namespace

int check_config(const std::string& file, const config::Vocabulary& vocabulary, std::chrono::sys_seconds now, std::ostream& out,
                 std::ostream& err) {
  std::shared_ptr<const config::Settings> settings;
  try {
    settings = std::make_shared<const config::Settings>(config::load(file, vocabulary));
  } catch (const config::ConfigurationError& error) {
    err << error.what() << '\n';
    return 2;
  }
  const MaterialsPtr materials = load_materials(settings, now);
  Report report;
  check_identities(*materials, report);
  check_trust(*materials, report);
  check_proxies(*materials, report);
  check_doors(*settings, report);
  check_sources(*materials, now, report);
  check_callers(*settings, report);
  const auto looked =
      discovery::look_once(*settings, discovery::Effort::files,
                           {.materials = [&] { return materials; }, .reserved_labels = vocabulary.reserved_labels});
  check_discovery(looked, report);
  for (const std::string& fault : report.faults) err << fault << '\n';
  for (const std::string& warning : report.warnings) err << "warning: " << warning << '\n';
  if (!report.faults.empty()) return 1;
  out << file << ": " << summary(*settings) << ": good\n";
  for (const discovery::Looked& each : looked) out << finds(each) << '\n';
  return 0;
}

}  // namespace exporter
