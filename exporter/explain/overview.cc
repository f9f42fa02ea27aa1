#include "exporter/explain/overview.h"

#include <algorithm>

#include "exporter/explain/paint.h"
#include "exporter/explain/phrases.h"

namespace exporter::explain {

using probes::observations::Failure;
using probes::observations::Handshake;
using probes::observations::Verdict;

std::string line(const Account& account, bool colours) {
  const Paint paint(colours);
  const Handshake& seen = account.seen;
  std::string text = account.broken.empty() ? paint.good("good    ") : paint.bad("finding ");
  text += " " + target_name(account.asked) + " " + as_whom(account.asked) + ": ";
  if (const Failure* failure = seen.failure())
    text += std::string(word(failure->stage)) + "/" + std::string(word(failure->reason));
  else text += std::string(word(seen.client.verdict.value_or(Verdict::unconfirmed)));
  if (seen.chain && seen.chain->expiry) text += ", chain " + ending(*seen.chain->expiry, judged_at(account));
  else if (seen.chain) text += ", chain without a trusted path";
  if (!account.broken.empty()) text += "; broken: " + broken_words(account);
  return text + "\n";
}

std::string summary(const std::vector<Account>& accounts) {
  const auto good = static_cast<std::size_t>(
      std::count_if(accounts.begin(), accounts.end(), [](const Account& one) { return one.broken.empty(); }));
  const std::size_t found = accounts.size() - good;
  return std::to_string(accounts.size()) + " probed, " + std::to_string(good) + " good, " + std::to_string(found) +
         " with a finding, judged as of " + date(std::chrono::floor<std::chrono::seconds>(judged_at(accounts.front()))) + "\n";
}

}  // namespace exporter::explain
