#include "probes/revocation/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "probes/tls/certificate_facts.h"
#include "probes/tls/made.h"

namespace probes::revocation {

using observations::RevocationAnswer;
using observations::RevocationStatus;

namespace {

// What a responder's clock may be ahead of ours.
constexpr std::chrono::minutes tolerated_skew(5);
// RFC 6960 4.2.2.1: without nextUpdate newer information is always to be had. A day old is old then.
constexpr std::chrono::hours oldest_without_next_update(24);
// RFC 7633 6: status_request, by the number of the TLS extension.
constexpr long status_request = 5;
// A responder may tell of several certificates at once.
constexpr int most_single_answers = 64;

using Response = std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)>;
using Basic = std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)>;
using Id = std::unique_ptr<OCSP_CERTID, decltype(&OCSP_CERTID_free)>;

Response response_of(std::string_view der) {
  if (der.size() > largest_answer) return {nullptr, OCSP_RESPONSE_free};
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return {d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())), OCSP_RESPONSE_free};
}

// RFC 6960 2.3 and 4.2.1.
std::string refusal(int status) {
  switch (status) {
    case OCSP_RESPONSE_STATUS_MALFORMEDREQUEST: return "malformedRequest";
    case OCSP_RESPONSE_STATUS_INTERNALERROR: return "internalError";
    case OCSP_RESPONSE_STATUS_TRYLATER: return "tryLater";
    case OCSP_RESPONSE_STATUS_SIGREQUIRED: return "sigRequired";
    case OCSP_RESPONSE_STATUS_UNAUTHORIZED: return "unauthorized";
    default: return "status " + std::to_string(status);
  }
}

tls::Ptr<X509_STORE> store_of(const std::vector<X509*>& trusted, std::chrono::sys_seconds at) {
  tls::Ptr<X509_STORE> store = tls::made(X509_STORE_new());
  for (X509* one : trusted) X509_STORE_add_cert(store.get(), one);
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(at.time_since_epoch().count()));
  return store;
}

bool holds(OCSP_BASICRESP* basic, const std::vector<X509*>& trusted, const std::vector<X509*>& others,
           std::chrono::sys_seconds at) {
  const tls::Ptr<X509_STORE> store = store_of(trusted, at);
  STACK_OF(X509)* borrowed = sk_X509_new_null();
  for (X509* one : others) sk_X509_push(borrowed, one);
  const bool verified = OCSP_basic_verify(basic, borrowed, store.get(), 0) == 1;
  sk_X509_free(borrowed);
  return verified;
}

// The answer names a certificate by the digests of its issuer's name and key, with a digest of its own choice.
bool is_about(const OCSP_CERTID* named, const OcspQuestion& question) {
  ASN1_OBJECT* digest = nullptr;
  if (OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, const_cast<OCSP_CERTID*>(named)) != 1) return false;
  const EVP_MD* method = EVP_get_digestbyobj(digest);
  const Id wanted(method == nullptr ? nullptr : OCSP_cert_to_id(method, question.certificate, question.issuer), OCSP_CERTID_free);
  return wanted && OCSP_id_cmp(wanted.get(), named) == 0;
}

class Reader {
 public:
  explicit Reader(const OcspQuestion& question) : question_(question) {
    found_.answer.method = question.method;
    found_.answer.status = RevocationStatus::unavailable;
    found_.answer.certificate = tls::remembered_facts(question.certificate);
    found_.answer.source = question.source;
  }

  DatedAnswer read(std::string_view der) && {
    const Response response = response_of(der);
    if (!response) return because("the answer is no OCSP answer");
    if (const int status = OCSP_response_status(response.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
      return because("the responder says " + refusal(status));
    const Basic basic(OCSP_response_get1_basic(response.get()), OCSP_BASICRESP_free);
    if (!basic) return because("the answer is of a kind that is not known");
    if (!holds(basic.get(), {question_.issuer}, {}, question_.at))
      return because("the answer is not signed by its issuer, nor by a responder it authorised");
    return said_by(basic.get());
  }

 private:
  DatedAnswer because(std::string why) {
    found_.answer.detail = std::move(why);
    return std::move(found_);
  }

  DatedAnswer said_by(OCSP_BASICRESP* basic) {
    bool spoken_of = false;
    for (int i = 0; i < std::min(OCSP_resp_count(basic), most_single_answers); ++i) {
      OCSP_SINGLERESP* single = OCSP_resp_get0(basic, i);
      if (!is_about(OCSP_SINGLERESP_get0_id(single), question_)) continue;
      spoken_of = true;
      if (take(single)) break;
    }
    if (spoken_of) return std::move(found_);
    found_.answer.status = RevocationStatus::unknown;
    return because("the answer is about another certificate");
  }

  // True where nothing that follows could say otherwise.
  bool take(OCSP_SINGLERESP* single) {
    ASN1_GENERALIZEDTIME *revoked = nullptr, *made = nullptr, *next = nullptr;
    int reason = -1;
    const int status = OCSP_single_get0_status(single, &reason, &revoked, &made, &next);
    RevocationAnswer& answer = found_.answer;
    const observations::Date from = tls::date_of(made), due = next != nullptr ? tls::date_of(next) : from;
    if (!from || !due) {
      answer.detail = "the answer has no date that can be read";
      return false;
    }
    const std::chrono::sys_seconds begin = *from;
    const std::chrono::sys_seconds end = next != nullptr ? *due : begin + oldest_without_next_update;
    bound(begin - tolerated_skew, end);
    answer.until = end;
    if (begin - tolerated_skew > question_.at) answer.detail = "the answer begins at " + observations::minute_text(begin);
    else if (end <= question_.at) answer.detail = "the answer expired at " + observations::minute_text(end);
    else decide(status, reason, revoked);
    return answer.status == RevocationStatus::revoked;
  }

  void decide(int status, int reason, const ASN1_GENERALIZEDTIME* revoked) {
    RevocationAnswer& answer = found_.answer;
    answer.detail.clear();
    if (status == V_OCSP_CERTSTATUS_GOOD) answer.status = RevocationStatus::good;
    else if (status != V_OCSP_CERTSTATUS_REVOKED) {
      answer.status = RevocationStatus::unknown;
      answer.detail = "the responder does not know the certificate";
    } else {
      answer.status = RevocationStatus::revoked;
      answer.reason = observations::revocation_reason(reason);
      if (const observations::Date at = revoked != nullptr ? tls::date_of(revoked) : observations::Date())
        answer.revoked_at = *at;
    }
  }

  void bound(std::chrono::sys_seconds begin, std::chrono::sys_seconds end) {
    for (const std::chrono::sys_seconds date : {begin, end}) {
      if (date <= question_.at) found_.from = std::max(found_.from, date);
      else found_.until = std::min(found_.until, date);
    }
  }

  const OcspQuestion& question_;
  DatedAnswer found_;
};

}  // namespace

DatedAnswer read_answer(std::string_view answer, const OcspQuestion& question) {
  DatedAnswer read = Reader(question).read(answer);
  ERR_clear_error();
  return read;
}

bool says_until_when(std::string_view answer) {
  const Response response = response_of(answer);
  const Basic basic(response ? OCSP_response_get1_basic(response.get()) : nullptr, OCSP_BASICRESP_free);
  bool all = basic && OCSP_resp_count(basic.get()) > 0;
  for (int i = 0; all && i < std::min(OCSP_resp_count(basic.get()), most_single_answers); ++i) {
    ASN1_GENERALIZEDTIME* next = nullptr;
    (void)OCSP_single_get0_status(OCSP_resp_get0(basic.get(), i), nullptr, nullptr, nullptr, &next);
    all = next != nullptr;
  }
  ERR_clear_error();
  return all;
}

bool is_signed(std::string_view answer, const std::vector<X509*>& trusted, const std::vector<X509*>& others,
               std::chrono::sys_seconds at) {
  const Response response = response_of(answer);
  const Basic basic(response ? OCSP_response_get1_basic(response.get()) : nullptr, OCSP_BASICRESP_free);
  const bool signed_by_them = basic && holds(basic.get(), trusted, others, at);
  ERR_clear_error();
  return signed_by_them;
}

bool must_staple(const X509* certificate) {
  auto* features = static_cast<TLS_FEATURE*>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr));
  bool found = false;
  for (int i = 0; i < sk_ASN1_INTEGER_num(features); ++i)
    found = found || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == status_request;
  TLS_FEATURE_free(features);
  ERR_clear_error();
  return found;
}

}  // namespace probes::revocation
