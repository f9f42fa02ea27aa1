#include "exporter/explain/client_facts.h"

#include <algorithm>

#include "exporter/explain/known.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::Finding;
using probes::observations::Problem;
using probes::observations::Reason;

const Certificate* our_leaf(const Facts& f) { return f.asked.presented.empty() ? nullptr : f.asked.presented.front().get(); }

bool our_leaf_expired(const Facts& f) {
  return our_leaf(f) != nullptr && our_leaf(f)->not_after() && *our_leaf(f)->not_after() <= f.seen.finished;
}

bool our_leaf_not_yet_valid(const Facts& f) {
  return our_leaf(f) != nullptr && our_leaf(f)->not_before() && *our_leaf(f)->not_before() > f.seen.finished;
}

// RFC 5280 4.2.1.12: a certificate without the extension is for everything; anyExtendedKeyUsage is, too. Where the server says
// that the certificate is of a kind it does not support, having none is worth a word.
bool not_for_clients(const Facts& f) {
  const auto usages = our_leaf(f)->extended_key_usages();
  const auto has = [&](std::string_view usage) { return std::ranges::find(usages, usage) != usages.end(); };
  if (usages.empty()) return f.failure->reason == Reason::unsupported_certificate;
  return !has("clientAuth") && !has("anyExtendedKeyUsage");
}

const Certificate* ended_intermediate(const Facts& f) {
  for (std::size_t index = 1; index < f.asked.presented.size(); ++index) {
    const Certificate& one = *f.asked.presented[index];
    if (one.not_after() && *one.not_after() <= f.seen.finished) return &one;
  }
  return nullptr;
}

std::size_t intermediates_sent(const Facts& f) {
  const auto& sent = f.asked.presented;
  return static_cast<std::size_t>(std::count_if(sent.begin() + (sent.empty() ? 0 : 1), sent.end(),
                                                [](const CertificatePtr& one) { return !one->self_issued(); }));
}

bool refused_for_the_chain(const Facts& f) {
  const Reason reason = f.failure->reason;
  return judged_by_content(f) && (reason == Reason::unknown_ca || reason == Reason::refused_by_application);
}

bool judged_by_content(const Facts& f) {
  if (our_leaf(f) == nullptr || !f.seen.client.sent) return false;
  switch (f.failure->reason) {
    case Reason::unknown_ca:
    case Reason::bad_certificate:
    case Reason::closed_after_certificate: return true;
    case Reason::refused_by_application: return f.failure->detail.find("The SSL certificate error") != std::string::npos;
    default: return false;
  }
}

bool intermediate_missing(const Facts& f) {
  if (f.asked.presented.empty() || reaches_the_list(f)) return false;
  const Certificate& top = *f.asked.presented.back();
  if (top.self_issued()) return false;
  // Somebody we know of that name is no root, and below one that the server lists, or whose list is silent.
  const Met issuer = issuer_met(top, f.asked);
  if (issuer && !issuer.certificate->self_issued()) return !lists_anybody(f.seen) || listed(issuer.certificate->issuer(), f.seen);
  if (!f.asked.identity_chain) return false;
  // Our own trust store has the root and not what stands between.
  return std::ranges::any_of(f.asked.identity_chain->problems,
                             [](const Problem& one) { return one.finding == Finding::missing_intermediate; });
}

const Certificate* rootless(const Facts& f) {
  for (const CertificatePtr& one : f.asked.presented) {
    if (!listed(one->issuer(), f.seen)) continue;
    const Met issuer = issuer_met(*one, f.asked);
    if (!issuer || issuer.certificate->self_issued() || listed(issuer.certificate->issuer(), f.seen)) return nullptr;
    return issuer.certificate;
  }
  return nullptr;
}

bool reaches_the_list(const Facts& f) {
  return std::ranges::any_of(f.asked.presented, [&](const CertificatePtr& one) {
    return listed(one->issuer(), f.seen) || (one->authority() && listed(one->subject(), f.seen));
  });
}

}  // namespace exporter::explain
