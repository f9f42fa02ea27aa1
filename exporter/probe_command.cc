#include "exporter/probe_command.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>
#include <vector>

#include "exporter/explain/ask.h"
#include "exporter/explain/inquiry.h"
#include "exporter/explain/overview.h"
#include "exporter/explain/page.h"
#include "exporter/explain/report_json.h"

namespace exporter {

namespace {

using explain::Account;

config::Settings settings_for(const ProbeSetting& setting, const config::Vocabulary& vocabulary) {
  std::error_code error;
  if (!setting.config_file_given && !std::filesystem::exists(setting.config_file, error)) return {};
  return config::load(setting.config_file, vocabulary);
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
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    inquiries = explain::inquiries(options, settings_for(setting, vocabulary), setting.config_file, now);
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
