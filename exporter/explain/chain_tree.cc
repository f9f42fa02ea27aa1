#include "exporter/explain/chain_tree.h"

#include <algorithm>
#include <vector>

#include "exporter/explain/phrases.h"

namespace exporter::explain {

using probes::observations::Certificate;
using probes::observations::CertificatePtr;
using probes::observations::Date;
using probes::observations::Handshake;
using probes::observations::WallTime;

namespace {

constexpr std::size_t drawn = 32;            // certificates of a path or beside it; the rest are counted
constexpr std::chrono::hours soon(24 * 14);  // an end this near is pointed out

bool among(const Certificate& certificate, const std::vector<CertificatePtr>& others) {
  return std::any_of(others.begin(), others.end(), [&](const CertificatePtr& other) {
    return other->fingerprint_sha256() == certificate.fingerprint_sha256();
  });
}

std::string described(const Certificate& certificate, WallTime now, const Paint& paint) {
  const Date from = certificate.not_before(), to = certificate.not_after();
  const std::string end = ending(to, now);
  const bool over = !to || *to < now, near = over || *to < now + soon;
  std::string text = subject_name(certificate) + ", " + key_word(certificate) + ", ";
  text += over ? paint.bad(end) : near ? paint.doubtful(end) : end;
  if (!from) text += paint.bad(", with a begin that cannot be read");
  else if (*from > now) text += paint.bad(", not valid before " + date(from));
  return text;
}

// Where a certificate of the path came from. `last` of a trusted path is its anchor.
std::string origin(const Certificate& certificate, const Handshake& seen, bool last) {
  const bool sent = among(certificate, seen.certificates);
  const bool anchor = last && seen.chain->expiry.has_value();
  if (anchor) return sent ? " [trust anchor, sent too]" : " [trust anchor]";
  return sent ? "" : " [not sent]";
}

std::string left_out(std::size_t count) { return count > drawn ? "  ... and " + std::to_string(count - drawn) + " more\n" : ""; }

}  // namespace

std::string chain_tree(const Handshake& seen, WallTime now, const Paint& paint) {
  const bool judged = seen.chain && !seen.chain->path.empty();
  const std::vector<CertificatePtr> path = judged ? seen.chain->path : std::vector<CertificatePtr>{seen.certificates.front()};
  std::string text;
  for (std::size_t depth = 0; depth < std::min(path.size(), drawn); ++depth) {
    const std::string branch = depth == 0 ? "" : std::string(3 * (depth - 1), ' ') + "└─ ";
    text += "  " + branch + described(*path[depth], now, paint);
    text += (judged ? origin(*path[depth], seen, depth + 1 == path.size()) : "") + "\n";
  }
  text += left_out(path.size());
  std::vector<CertificatePtr> beside;
  for (const CertificatePtr& certificate : seen.certificates)
    if (!among(*certificate, path)) beside.push_back(certificate);
  if (beside.empty()) return text;
  text += "  sent, and not used:\n";
  for (std::size_t i = 0; i < std::min(beside.size(), drawn); ++i) text += "  -  " + described(*beside[i], now, paint) + "\n";
  return text + left_out(beside.size());
}

}  // namespace exporter::explain
