#include "exporter/at_rest/vault_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "exporter/at_rest/vault_answers.h"
#include "exporter/materials/server_access.h"

namespace exporter::vault {

using probes::observations::CertificatePtr;
using probes::observations::SourceReason;
using probes::observations::Trouble;

namespace {

using Answered = probes::net::Fetched;

constexpr std::size_t told_at_most = 100;  // troubles
constexpr std::size_t most_roles = 1000;
constexpr std::size_t again = 500;  // certificates whose revocation is asked for anew in a refresh, where no list tells

}  // namespace

// Nothing where it cannot be read, and there is a trouble then; empty where nothing is in it.
std::optional<std::vector<std::string>> Reader::listed(Client& client, const std::string& path) {
  if (!client.goes_on()) return std::nullopt;
  const Client::Answer answer = client.ask(list_of(path));
  if (const auto* wrong = std::get_if<Trouble>(&answer)) return troubles_.push_back(*wrong), std::nullopt;
  const auto& got = std::get<Answered>(answer);
  if (is_nothing(got.status, got.body)) return std::vector<std::string>();
  if (got.status != 200) {
    const std::string said = errors_in(got.body);
    troubles_.push_back({SourceReason::not_found, client.url_of(path),
                         "status " + std::to_string(got.status) + (said.empty() ? "" : ": " + said) +
                             "; is a PKI engine mounted at " + settings_.mount + "?"});
    return std::nullopt;
  }
  auto keys = keys_in(got.body);
  if (!keys) troubles_.push_back({SourceReason::bad_syntax, client.url_of(path), "the answer is no list of keys"});
  return keys;
}

// False: it is still to be asked for.
bool Reader::take_certificate(const std::string& serial, const std::string& url, const Client::Answer& answer) {
  if (const auto* wrong = std::get_if<Trouble>(&answer)) return troubles_.push_back(*wrong), false;
  const auto& got = std::get<Answered>(answer);
  if (got.status != 200) return true;  // tidied away since it was listed
  const auto certificate = certificate_in(got.body);
  if (!certificate) return troubles_.push_back({SourceReason::bad_syntax, url, "the answer is no certificate"}), false;
  if (certificate->revoked) revoked_.insert(serial_of(serial));
  if (!known_.contains(serial)) known_[serial] = certificate_of(certificate->pem, url);
  return true;
}

void Reader::read_certificates(Client& client) {
  const auto serials = listed(client, "certs");
  if (!serials) return;
  if (serials->size() == most_keys)
    troubles_.push_back(
        {SourceReason::too_large, client.url_of("certs"), "more than " + std::to_string(most_keys) + " certificates"});
  const std::set<std::string> now(serials->begin(), serials->end());
  std::erase_if(known_, [&](const auto& entry) { return !now.contains(entry.first); });
  std::vector<Client::Question> wanted;
  for (const std::string& serial : now)
    if (!known_.contains(serial)) wanted.push_back({.path = "cert/" + serial});
  std::vector<bool> answered(wanted.size());
  client.ask_each(wanted, [&](std::size_t index, const Client::Answer& answer) {
    answered[index] = take_certificate(wanted[index].path.substr(5), client.url_of(wanted[index].path), answer);
  });
  const auto missing = std::ranges::count(answered, false);
  whole_ = missing == 0 && serials->size() < most_keys;
  if (missing > 0)
    troubles_.push_back(
        {SourceReason::too_large, client.url_of("certs"),
         std::to_string(missing) + " of " + std::to_string(now.size()) + " certificates have not been read yet; they follow"});
}

// Since Vault 1.13 one list has them all. An older one is asked certificate by certificate, some at each refresh. True: all of
// them are known as of now.
bool Reader::read_revoked(Client& client) {
  if (!client.goes_on()) return false;
  const Client::Answer answer = client.ask(list_of("certs/revoked"));
  if (const auto* wrong = std::get_if<Trouble>(&answer)) {
    troubles_.push_back(*wrong);
    if (wrong->reason == SourceReason::permission_denied) look_again(client);
    return false;
  }
  const auto& got = std::get<Answered>(answer);
  if (is_unsupported(got.status, got.body)) return look_again(client), false;
  const bool nothing = is_nothing(got.status, got.body);
  if (got.status != 200 && !nothing) return false;  // `certs` fares no better, and says so
  const auto serials = nothing ? std::vector<std::string>() : keys_in(got.body);
  if (!serials)
    return troubles_.push_back({SourceReason::bad_syntax, client.url_of("certs/revoked"), "the answer is no list of keys"}),
           false;
  revoked_.clear();
  for (const std::string& serial : *serials) revoked_.insert(serial_of(serial));
  return serials->size() < most_keys;
}

void Reader::look_again(Client& client) {
  std::vector<Client::Question> wanted;
  auto from = known_.upper_bound(looked_again_);
  for (; from != known_.end() && wanted.size() < again; ++from)
    if (from->second.facts && !revoked_.contains(serial_of(from->first))) wanted.push_back({.path = "cert/" + from->first});
  looked_again_ = from == known_.end() ? "" : std::prev(from)->first;
  client.ask_each(wanted, [&](std::size_t index, const Client::Answer& answer) {
    (void)take_certificate(wanted[index].path.substr(5), client.url_of(wanted[index].path), answer);
  });
}

// What a role with no_store issues is in no list: that it is not known says nothing then. Whether one has it takes the right to
// read roles; without it nothing is claimed, and that is no trouble.
void Reader::read_roles(Client& client) {
  if (!roles_ || !client.goes_on()) return;
  const Client::Answer answer = client.ask(list_of("roles"));
  const auto* got = std::get_if<Answered>(&answer);
  if (got == nullptr) return;
  const auto names = is_nothing(got->status, got->body) ? std::vector<std::string>() : keys_in(got->body);
  if (!names || names->size() > most_roles) return;
  std::vector<Client::Question> wanted;
  for (const std::string& name : *names) wanted.push_back({.path = "roles/" + name});
  std::size_t keeping = 0;
  client.ask_each(wanted, [&](std::size_t, const Client::Answer& told) {
    const auto* role = std::get_if<Answered>(&told);
    if (role != nullptr && keeps_in(role->body) == true) ++keeping;
  });
  keeps_all_ = keeping == wanted.size();
}

Reading Reader::read(const std::stop_token& stopping) {
  troubles_.clear();
  whole_ = keeps_all_ = comparable_ = false;
  auto token = read_token(settings_.token_file);
  if (const auto* wrong = std::get_if<Trouble>(&token)) {
    troubles_.push_back(*wrong);
    Reading known = told();
    known.refused = true;
    return known;
  }
  Client client(settings_, materials_(), std::move(std::get<std::string>(token)), stopping, allowance_);
  issuers_.read(client, troubles_);
  const bool revoked = read_revoked(client);  // ahead of the lists: what is revoked by now stands in one that is read later
  comparable_ = issuers_.read_lists(client, troubles_) && revoked;
  read_certificates(client);
  read_roles(client);
  return told();
}

Reading Reader::told() const {
  Reading told{.whole = whole_,
               .issuers = issuers_.certificates(),
               .keeps_all = keeps_all_,
               .revoked = {revoked_.begin(), revoked_.end()},
               .lists = issuers_.lists(),
               .revocation_lists = issuers_.described(),
               .comparable = comparable_,
               .troubles = troubles_};
  std::set<std::string_view> seen;  // fingerprints
  const auto add = [&](const CertificatePtr& certificate, const std::string& serial) {
    if (seen.insert(certificate->fingerprint_sha256()).second)
      told.certificates.push_back({certificate, revoked_.contains(serial_of(serial))});
  };
  for (const auto& [serial, fetched] : known_) {
    if (fetched.facts) add(fetched.facts, serial);
    else told.troubles.push_back(*fetched.why);
    told.whole = told.whole && fetched.facts;
  }
  for (const CertificatePtr& issuer : told.issuers) add(issuer, std::string(issuer->serial()));
  for (const Trouble& unreadable : issuers_.unreadable()) told.troubles.push_back(unreadable);
  if (told.troubles.size() > told_at_most) told.troubles.resize(told_at_most);
  told.refused = std::ranges::any_of(troubles_, [](const Trouble& one) { return one.reason == SourceReason::permission_denied; });
  return told;
}

}  // namespace exporter::vault
