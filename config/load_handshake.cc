// client_auth and tls: what is offered in the handshake, and what is expected of the door.
#include <algorithm>

#include "config/sections.h"

namespace config {
namespace {

void take_expect(const Node& node, ClientAuth& door, Reading& reading) {
  static constexpr Word<ClientAuthExpectation> words[] = {{"required", ClientAuthExpectation::required},
                                                          {"optional", ClientAuthExpectation::optional},
                                                          {"none", ClientAuthExpectation::none}};
  ClientAuthExpectation expect{};
  if (take_word<ClientAuthExpectation>(node, "expectation", words, expect, reading.mistakes)) door.expect = expect;
}

void take_must_refuse(const Node& node, ClientAuth& door, Reading& reading) {
  if (!take(node, door.must_refuse, reading.mistakes)) return;
  std::vector<std::string_view> known(std::begin(knock_words), std::end(knock_words));
  for (const auto& [name, identity] : reading.settings.identities) known.push_back(name);
  for (const Node& item : node.items()) check_word(item, "identity", known, reading.mistakes);
}

constexpr Field<ClientAuth> client_auth_rows[] = {
    {"expect", take_expect},
    {"must_refuse", take_must_refuse},
    {"every", into<&ClientAuth::every>},
};

constexpr Word<TlsVersion> versions[] = {
    {"1.0", TlsVersion::tls1_0}, {"1.1", TlsVersion::tls1_1}, {"1.2", TlsVersion::tls1_2}, {"1.3", TlsVersion::tls1_3}};

template <auto member>
void version_into(const Node& node, Tls& tls, Reading& reading) {
  take_word<TlsVersion>(node, "TLS version", versions, tls.*member, reading.mistakes);
}

// RFC 7301 3.1: ProtocolName is 1 to 255 bytes, the whole list at most 65535.
void take_alpn(const Node& node, Tls& tls, Reading& reading) {
  std::vector<std::string> offered;
  if (!take(node, offered, reading.mistakes)) return;
  tls.alpn = std::move(offered);
  std::size_t bytes = 0;
  for (const Node& item : node.items()) {
    if (item.text().size() > 255)
      reading.mistakes.add(item.place(), "an ALPN protocol of more than 255 bytes", "write one like h2 or http/1.1");
    bytes += item.text().size() + 1;
  }
  if (bytes > 65535) reading.mistakes.add(node.place(), "an ALPN list of more than 65535 bytes", "shorten it");
}

constexpr Field<Tls> tls_rows[] = {
    {"min_version", version_into<&Tls::min_version>},
    {"max_version", version_into<&Tls::max_version>},
    {"ciphers", into<&Tls::ciphers>},
    {"cipher_suites", into<&Tls::cipher_suites>},
    {"groups", into<&Tls::groups>},
    {"signature_algorithms", into<&Tls::signature_algorithms>},
    {"alpn", take_alpn},
    {"security_level", integer_into<&Tls::security_level, 0, 5>},
    {"send_server_name", into<&Tls::send_server_name>},
};

std::string_view version_word(TlsVersion version) { return versions[static_cast<std::size_t>(version)].first; }

}  // namespace

Fields<ClientAuth> client_auth_fields() { return client_auth_rows; }
Fields<Tls> tls_fields() { return tls_rows; }

void take_client_auth(const Node& node, ModuleDraft& draft, Reading& reading) {
  take_section(node, client_auth_fields(), draft.module.client_auth, reading);
  draft.must_refuse_written = draft.must_refuse_written || node.find("must_refuse") != nullptr;
}

void take_tls(const Node& node, ModuleDraft& draft, Reading& reading) {
  Tls& tls = draft.module.tls;
  take_section(node, tls_fields(), tls, reading);
  if (reading.vocabulary.unfit_tls)
    if (const auto why = reading.vocabulary.unfit_tls(tls))
      reading.mistakes.add(node.place(), *why, "`openssl ciphers` and `openssl list` name what can be used");
  const Node* lowest = node.find("min_version");
  const Node* highest = node.find("max_version");
  if ((lowest == nullptr && highest == nullptr) || tls.min_version <= tls.max_version) return;
  reading.mistakes.add((lowest != nullptr ? lowest : highest)->place(),
                       "min_version " + std::string(version_word(tls.min_version)) +
                           (lowest == nullptr ? " (set elsewhere)" : "") + " is above max_version " +
                           std::string(version_word(tls.max_version)) + (highest == nullptr ? " (set elsewhere)" : ""),
                       "no version is left to offer: lower `min_version` or raise `max_version`");
}

}  // namespace config
