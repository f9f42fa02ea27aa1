// Certificates wherever they were found, and the chains they form.
#include <chrono>

#include "exporter/metrics/family.h"

namespace exporter::metrics {

using namespace probes::observations;

namespace {

using config::Detail;

constexpr std::chrono::sys_seconds never{std::chrono::seconds(253'402'300'799)};  // the end of 9999

double timestamp(std::chrono::sys_seconds at) { return static_cast<double>(at.time_since_epoch().count()); }

// Nothing where the date cannot be read, or is not known of a certificate in an index.
void add(Date date, Samples& out) {
  if (date) out.add(timestamp(*date));
}

constexpr Family table[] = {
    {.name = "mtls_certificate_expiry_days",
     .detail = Detail::lean,
     .help = "Days until notAfter, as of the scrape; negative once expired. At lean of leaves and trust anchors only.",
     .samples =
         [](const CertificateRow& row, Samples& out) {
           if (row.leaf || out.detail() >= Detail::standard) out.add_days_until(row.certificate->not_after());
         }},
    {.name = "mtls_certificate_not_after_timestamp_seconds",
     .help = "The certificate's notAfter.",
     .samples = [](const CertificateRow& row, Samples& out) { add(row.certificate->not_after(), out); }},
    {.name = "mtls_certificate_not_before_timestamp_seconds",
     .help = "The certificate's notBefore.",
     .samples = [](const CertificateRow& row, Samples& out) { add(row.certificate->not_before(), out); }},
    {.name = "mtls_certificate_lifetime_remaining_ratio",
     .help = "The part of the certificate's lifetime that is left, as of the scrape: 1 at notBefore, 0 at notAfter, negative "
             "once expired.",
     .samples = [](const CertificateRow& row,
                   Samples& out) { out.add_lifetime_remaining(row.certificate->not_before(), row.certificate->not_after()); }},
    {.name = "mtls_certificate_last_seen_timestamp_seconds",
     .help = "When a server's leaf was last actually received.",
     .samples =
         [](const CertificateRow& row, Samples& out) {
           if (row.last_seen) out.add(timestamp(std::chrono::floor<std::chrono::seconds>(*row.last_seen)));
         }},
    {.name = "mtls_certificate_info",
     .more = {"issuer", "serial", "fingerprint_sha256", "key", "signature", "subject", "sans"},
     .help = "1: what the certificate says; subject and sans at full only. Of one in an index only serial and subject are known.",
     .samples =
         [](const CertificateRow& row, Samples& out) {
           const Certificate& is = *row.certificate;
           const std::string key = row.listed_only ? "" : key_word(is);
           if (out.detail() >= Detail::full)
             out.add(1, {is.issuer(), is.serial(), is.fingerprint_sha256(), key, is.signature_algorithm(), is.subject(),
                         joined_names(is)});
           else out.add(1, {is.issuer(), is.serial(), is.fingerprint_sha256(), key, is.signature_algorithm()});
         }},
    {.name = "mtls_certificate_renewal_late",
     .help = "1 when the certificate has a quarter of its lifetime less left than its place's certificates had when they were "
             "replaced, 0 before; after three replacements seen, with storage.",
     .samples = [](const RenewalRow& row, Samples& out) { out.add_while(row.late_from, never); }},
    {.name = "mtls_certificate_problem",
     .more = {"problem", "severity"},
     .help = "1 per finding about the certificate itself.",
     .samples =
         [](const CertificateRow& row, Samples& out) {
           for (const Problem* problem : row.problems) out.add(1, {word(problem->finding), word(problem->severity)});
         }},
    {.name = "mtls_chain_valid",
     .detail = Detail::lean,
     .help = "1 when the chain holds against its trust store, else 0; absent while the last probe received none.",
     .samples =
         [](const ChainRow& chain, Samples& out) {
           if (chain.judgement) out.add(chain.judgement->valid);
         }},
    {.name = "mtls_chain_complete",
     .help = "1 when the certificates as sent reach a trust anchor without help, else 0.",
     .samples =
         [](const ChainRow& chain, Samples& out) {
           if (chain.judgement) out.add(chain.judgement->complete);
         }},
    {.name = "mtls_hostname_match",
     .help = "1 when the leaf carries the name we asked for, else 0.",
     .samples = [](const ChainRow& chain, Samples& out) { out.add(chain.hostname_match); }},
    {.name = "mtls_chain_expiry_days",
     .detail = Detail::lean,
     .help = "Days until the earliest notAfter on the trusted path, as of the scrape.",
     .samples =
         [](const ChainRow& chain, Samples& out) {
           if (chain.expiry) out.add_days_until(*chain.expiry);
         }},
    {.name = "mtls_revocation_status",
     .more = {"method", "status"},
     .help = "1: what was found of the chain's revocation: good, revoked, unknown or unavailable, by crl, staple or ocsp.",
     .samples =
         [](const ChainRow& chain, Samples& out) {
           if (!chain.judgement) return;
           for (const RevocationMethod method : {RevocationMethod::crl, RevocationMethod::staple, RevocationMethod::ocsp})
             if (const auto status = status_of(chain.judgement->revocation, method)) out.add(1, {word(method), word(*status)});
         }},
    {.name = "mtls_ocsp_next_update_timestamp_seconds",
     .help = "When the OCSP answer about the leaf ends, stapled or asked for; a day after its begin where it does not say.",
     .samples =
         [](const ChainRow& chain, Samples& out) {
           if (!chain.judgement) return;
           for (const RevocationAnswer& answer : chain.judgement->revocation)
             if (answer.method != RevocationMethod::crl && answer.until) out.add(timestamp(*answer.until));
         }},
    {.name = "mtls_issuer_expiry_days",
     .detail = Detail::lean,
     .help = "Days until a CA on trusted paths ends, as of the scrape: of the root that they end at or of an intermediate, once "
             "for the estate.",
     .samples = [](const IssuerRow& row, Samples& out) { out.add_days_until(row.certificate->not_after()); }},
    {.name = "mtls_issuer_lifetime_remaining_ratio",
     .detail = Detail::lean,
     .help = "The part of that CA's lifetime that is left, as of the scrape.",
     .samples = [](const IssuerRow& row,
                   Samples& out) { out.add_lifetime_remaining(row.certificate->not_before(), row.certificate->not_after()); }},
    {.name = "mtls_chain_problem",
     .more = {"problem", "severity"},
     .help = "1 per finding about the chain.",
     .samples =
         [](const ChainRow& chain, Samples& out) {
           if (!chain.judgement) return;
           for (const Problem& problem : chain.judgement->problems)
             if (row(problem.finding).subject == Subject::chain) out.add(1, {word(problem.finding), word(problem.severity)});
         }},
};

}  // namespace

std::span<const Family> certificate_families() { return table; }

}  // namespace exporter::metrics
