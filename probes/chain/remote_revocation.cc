#include "probes/chain/remote_revocation.h"

#include <utility>

#include "probes/revocation/ocsp.h"
#include "probes/revocation/pointers.h"
#include "probes/tls/certificate_facts.h"

namespace probes::chain {

using observations::RevocationAnswer;
using observations::RevocationMethod;
using observations::RevocationStatus;
using revocation::DatedAnswer;
using revocation::PlacePtr;
using revocation::Told;

namespace {

constexpr const char* not_yet = "no answer has come yet";
constexpr const char* too_many = "too many are asked already";

}  // namespace

// The version first: what is told between the two makes the ticket void, which is safe.
Told RemoteRevocation::told_by(const PlacePtr& place) {
  tickets_.push_back({place, place->version()});
  Told told = place->told();
  pending_ = pending_ || !told.asked;
  return told;
}

RevocationAnswer RemoteRevocation::unavailable(std::size_t index, RevocationMethod method, const std::string& url,
                                               std::string why) const {
  return {.method = method,
          .status = RevocationStatus::unavailable,
          .certificate = tls::remembered_facts(path_[index]),
          .depth = index,
          .source = url,
          .until = {},
          .revoked_at = {},
          .detail = std::move(why)};
}

// The first place of a distribution point that has a list; the others say the same, and are asked where it fails.
RemoteAnswer RemoteRevocation::lists_for(std::size_t index) {
  RemoteAnswer found;
  const auto take = [&](const std::vector<revocation::Alternatives>& points, bool needed) {
    for (const revocation::Alternatives& urls : points) {
      std::optional<RevocationAnswer> why;
      for (const std::string& url : urls) {
        const PlacePtr place = options_.remote->list_at(url, options_.wanted.refresh, path_[index + 1]);
        const Told told = place ? told_by(place) : Told{.asked = true, .trouble = too_many};
        if (told.list) {
          found.lists.push_back({told.list, url});
          why.reset();
          break;
        }
        if (!why) why = unavailable(index, RevocationMethod::crl, url, told.asked ? told.trouble : not_yet);
        if (!told.asked) break;
      }
      if (why && needed && !found.unavailable) found.unavailable = std::move(why);
    }
  };
  take(revocation::list_urls(path_[index]), true);
  take(revocation::delta_urls(path_[index]), false);
  return found;
}

// The configured responder stands for the issuer of leaves; what is above it is asked where its certificate says.
std::optional<DatedAnswer> RemoteRevocation::answer_for(std::size_t index) {
  std::vector<std::string> urls = revocation::responder_urls(path_[index]);
  if (index == 0 && !options_.wanted.responder.empty()) urls = {options_.wanted.responder};
  std::optional<DatedAnswer> first;
  for (const std::string& url : urls) {
    const PlacePtr place = options_.remote->answer_about(
        {.url = url, .certificate = path_[index], .issuer = path_[index + 1], .nonce = options_.wanted.nonce},
        options_.wanted.refresh);
    const Told told = place ? told_by(place) : Told{.asked = true, .trouble = too_many};
    if (told.answer) {
      DatedAnswer read = revocation::read_answer(*told.answer, {.certificate = path_[index],
                                                                .issuer = path_[index + 1],
                                                                .at = options_.at,
                                                                .method = RevocationMethod::ocsp,
                                                                .source = url});
      read.answer.depth = index;
      if (read.answer.status == RevocationStatus::unavailable && !told.trouble.empty())
        read.answer.detail += "; asked again: " + told.trouble;
      if (read.answer.status != RevocationStatus::unavailable) return read;
      if (!first) first = std::move(read);
      continue;
    }
    if (!first) {
      first.emplace();
      first->answer = unavailable(index, RevocationMethod::ocsp, url, told.asked ? told.trouble : not_yet);
    }
    if (!told.asked) break;
  }
  return first;
}

}  // namespace probes::chain
