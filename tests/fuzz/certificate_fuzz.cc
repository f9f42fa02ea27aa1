// Any bytes that OpenSSL takes for a certificate give facts, findings, a judgement and an answer about a name.
#include <cstddef>
#include <cstdint>

#include "probes/chain/hostname.h"
#include "probes/chain/judge.h"
#include "probes/tls/certificate_facts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace probes;
  static const chain::TrustStorePtr nothing = chain::TrustStore::of("nothing", {});
  const tls::Ptr<X509> certificate(d2i_X509(nullptr, &data, static_cast<long>(size)));
  if (!certificate) return 0;
  const observations::CertificatePtr facts = observations::packed(tls::facts(certificate.get()));
  (void)observations::key_word(*facts);
  (void)observations::joined_names(*facts);
  (void)chain::hostname_matches(certificate.get(), "a.example");
  (void)chain::hostname_matches(certificate.get(), "192.0.2.1");
  X509* const received[] = {certificate.get(), certificate.get()};
  for (const chain::Purpose purpose : {chain::Purpose::server, chain::Purpose::client})
    (void)chain::judge(
        received, *nothing,
        {.purpose = purpose, .maximum_validity_days = 90, .at = facts->not_before().value_or({}) + std::chrono::hours(1)});
  return 0;
}
