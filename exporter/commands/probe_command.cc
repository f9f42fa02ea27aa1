#include "exporter/commands/probe_command.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>
#include <vector>

#include "config/endpoint.h"
#include "exporter/commands/discovered.h"
#include "exporter/discovery/look_once.h"
#include "exporter/explain/ask.h"
#include "exporter/explain/inquiry.h"
#include "exporter/explain/overview.h"
#include "exporter/explain/page.h"
#include "exporter/explain/report_json.h"
#include "probes/observations/wall_time.h"

namespace exporter {

namespace {

using explain::Account;

config::Settings settings_for(const ProbeSetting& setting, const config::Vocabulary& vocabulary) {
  std::error_code error;
  if (!setting.config_file_given && !std::filesystem::exists(setting.config_file, error)) return {};
  return config::load(setting.config_file, vocabulary);
}

bool names_a_target(const std::string& name, const config::Settings& settings) {
  return std::ranges::any_of(settings.targets, [&](const auto& target) { return target->name == name; });
}

// The settings with what their discoveries find, where the question needs to know. An address can be probed without asking
// anybody about it, but files may say how; so they are opened all the same.
config::Settings with_discovered(config::Settings settings, const ProbeOnce& options, const config::Vocabulary& vocabulary,
                                 std::chrono::sys_seconds now, std::ostream& err) {
  if (settings.discovery.empty() || (!options.all && names_a_target(options.server, settings))) return settings;
  const auto configured = std::make_shared<const config::Settings>(std::move(settings));
  const auto written = config::parse_endpoint(options.server, vocabulary.default_ports);
  const auto* endpoint = std::get_if<config::Endpoint>(&written);
  // A host alone may be the name of a target that a list has.
  const bool is_address = !options.all && endpoint != nullptr && endpoint->port != 0;
  auto looked = discovery::look_once(
      *configured, is_address ? discovery::Effort::files : discovery::Effort::question,
      {.materials = [&] { return load_materials(configured, now); }, .reserved_labels = vocabulary.reserved_labels});
  if (!is_address) warn_of(looked, err);
  return discovery::Merge(configured).with(discovery::found(std::move(looked)));
}

void print(const std::vector<Account>& accounts, const ProbeOnce& options, bool colours, std::ostream& out) {
  if (options.format == ReportFormat::json) {
    out << explain::report_json(accounts);
    return;
  }
  for (const Account& account : accounts) {
    if (options.all) out << explain::line(account, colours);
    else out << (&account == &accounts.front() ? "" : "\n") << explain::page(account, colours);
  }
  if (options.all) out << explain::summary(accounts);
}

}  // namespace

int probe_command(const ProbeOnce& options, const ProbeSetting& setting, const config::Vocabulary& vocabulary, std::ostream& out,
                  std::ostream& err) {
  explain::Inquiries inquiries;
  try {
    const auto now = probes::observations::wall_seconds();
    const config::Settings settings = with_discovered(settings_for(setting, vocabulary), options, vocabulary, now, err);
    inquiries = explain::inquiries(options, settings, setting.config_file, now);
  } catch (const config::ConfigurationError& error) {
    err << error.what() << '\n';
    return 2;
  } catch (const explain::UsageError& error) {
    err << "mtls_exporter probe: " << error.what() << '\n';
    return 2;
  }
  for (const std::string& warning : inquiries.warnings) err << "warning: " << warning << '\n';
  const std::vector<Account> accounts = explain::ask(inquiries.all);
  print(accounts, options, setting.colours, out);
  const bool good = std::all_of(accounts.begin(), accounts.end(), [](const Account& account) { return account.broken.empty(); });
  return good ? 0 : 1;
}

}  // namespace exporter
