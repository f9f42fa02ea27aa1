#include "probes/revocation/asking.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>
#include <variant>
#include <vector>

#include "config/closed.h"
#include "probes/net/fetch.h"
#include "probes/revocation/ocsp.h"
#include "probes/revocation/ocsp_request.h"

namespace probes::revocation {

using net::Fetched;
using net::FetchFailure;
using net::FetchRequest;
using observations::RevocationMethod;
using observations::RevocationStatus;
using observations::SourceReason;

namespace {

SourceReason reason_of(FetchFailure::Kind kind) {
  switch (kind) {
    case FetchFailure::Kind::timeout: return SourceReason::timeout;
    case FetchFailure::Kind::tls: return SourceReason::tls_failed;
    case FetchFailure::Kind::too_large: return SourceReason::too_large;
    case FetchFailure::Kind::address_refused: return SourceReason::address_refused;
    case FetchFailure::Kind::redirect_refused: return SourceReason::redirect_refused;
    default: return SourceReason::unreachable;
  }
}

Attempt failed(SourceReason reason, const std::string& url, std::string why, bool host_fails = false) {
  Attempt attempt{.trouble = observations::Trouble{.reason = reason, .path = url, .detail = std::move(why)}};
  attempt.host_fails = host_fails;
  return attempt;
}

// What is fetched is signed and dated itself: whose certificate a server has adds nothing, and an internal CA's distribution
// point may well be served with a certificate of that CA.
FetchRequest request_to(const std::string& url, std::chrono::milliseconds timeout, std::size_t limit) {
  return {.url = url,
          .headers = {"User-Agent: mtls_exporter"},
          .timeout = timeout,
          .limit = limit,
          .prepare_tls = {},
          .verify = false,
          .redirects = most_redirects,
          .closed = [](const config::AddressBytes& address) { return config::closed(address); }};
}

// A body that can be used, or why there is none.
std::variant<Fetched, Attempt> asked_of(const FetchRequest& request, const std::stop_token& stopping) {
  auto found = net::fetch(request, stopping);
  if (const auto* failure = std::get_if<FetchFailure>(&found)) {
    const bool host = failure->kind == FetchFailure::Kind::unreachable || failure->kind == FetchFailure::Kind::timeout;
    return failed(reason_of(failure->kind), request.url, failure->why, host);
  }
  return std::get<Fetched>(std::move(found));
}

std::string header(const Fetched& answer, const std::string& name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? std::string() : found->second;
}

// The answer, or an attempt that failed.
Attempt judged(std::string body, const Asked& asked, const OcspRequest& request, std::chrono::sys_seconds at) {
  const DatedAnswer read = read_answer(body, {.certificate = asked.certificate.get(),
                                              .issuer = asked.issuer.get(),
                                              .at = at,
                                              .method = RevocationMethod::ocsp,
                                              .source = asked.url});
  if (read.answer.status == RevocationStatus::unavailable) return failed(SourceReason::bad_ocsp, asked.url, read.answer.detail);
  if (!nonce_fits(request.der, body)) return failed(SourceReason::bad_ocsp, asked.url, "the answer is to another request");
  Attempt attempt;
  // A responder that does not know a certificate may know it in a moment, whatever its answer says.
  if (read.answer.status != RevocationStatus::unknown && says_until_when(body)) attempt.until = read.answer.until;
  attempt.answer = std::make_shared<const std::string>(std::move(body));
  return attempt;
}

Attempt answered(const FetchRequest& request, const Asked& asked, const OcspRequest& question, std::chrono::sys_seconds at,
                 const std::stop_token& stopping) {
  auto found = asked_of(request, stopping);
  if (auto* attempt = std::get_if<Attempt>(&found)) return std::move(*attempt);
  auto& answer = std::get<Fetched>(found);
  if (answer.status != 200)
    return failed(SourceReason::http_status, asked.url, "it answers with status " + std::to_string(answer.status),
                  answer.status >= 500);
  return judged(std::move(answer.body), asked, question, at);
}

}  // namespace

// RFC 5280 4.2.1.13: in DER. Some write PEM all the same.
ListPtr read_list(std::string_view body) {
  if (!body.starts_with("-----BEGIN ")) return List::remembered(body);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(body.data(), static_cast<int>(body.size())), BIO_free);
  unsigned char* der = nullptr;
  long size = 0;
  char* name = nullptr;
  ListPtr list;
  if (PEM_bytes_read_bio(&der, &size, &name, PEM_STRING_X509_CRL, bio.get(), nullptr, nullptr) == 1)
    list = List::remembered({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  OPENSSL_free(name);
  ERR_clear_error();
  return list;
}

Attempt fetch_list(const std::string& url, const Validators& known, std::chrono::milliseconds timeout,
                   const std::stop_token& stopping) {
  FetchRequest request = request_to(url, timeout, largest_list);
  if (!known.etag.empty()) request.headers.push_back("If-None-Match: " + known.etag);
  if (!known.last_modified.empty()) request.headers.push_back("If-Modified-Since: " + known.last_modified);
  auto found = asked_of(request, stopping);
  if (auto* failure = std::get_if<Attempt>(&found)) {
    failure->host_fails = failure->trouble->reason == SourceReason::unreachable;  // a large list may be slow, and others not
    return std::move(*failure);
  }
  auto& answer = std::get<Fetched>(found);
  Attempt attempt;
  attempt.validators = {header(answer, "etag"), header(answer, "last-modified")};
  if (answer.status == 304) return attempt;
  if (answer.status != 200)
    return failed(SourceReason::http_status, url, "it answers with status " + std::to_string(answer.status));
  attempt.list = read_list(answer.body);
  if (!attempt.list) return failed(SourceReason::bad_crl, url, "what it answers is no revocation list");
  attempt.until = attempt.list->next_update();
  attempt.body = std::make_shared<const std::string>(std::move(answer.body));
  return attempt;
}

// RFC 6960 A.1: a GET, which others may keep for us, where it is short enough; servers that do not know it are sent a POST.
Attempt ask_responder(const Asked& asked, std::chrono::milliseconds timeout, std::chrono::sys_seconds at,
                      const std::stop_token& stopping) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const OcspRequest question = ocsp_request(asked.certificate.get(), asked.issuer.get(), asked.nonce);
  if (question.der.empty()) return failed(SourceReason::bad_ocsp, asked.url, "no request can be made about this certificate");
  FetchRequest request = request_to(asked.url, timeout, largest_answer);
  request.headers.push_back("Accept: application/ocsp-response");
  if (const auto url = asked.nonce ? std::nullopt : get_url(asked.url, question.der)) {
    FetchRequest get = request;
    get.url = *url;
    const Attempt attempt = answered(get, asked, question, at, stopping);
    const bool no_get =
        attempt.trouble && !attempt.host_fails &&
        (attempt.trouble->reason == SourceReason::http_status || attempt.trouble->reason == SourceReason::bad_ocsp);
    if (!no_get) return attempt;
  }
  request.headers.push_back("Content-Type: application/ocsp-request");
  request.post = question.der;
  request.timeout = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (request.timeout <= std::chrono::milliseconds::zero())
    return failed(SourceReason::timeout, asked.url, "no time was left", true);
  return answered(request, asked, question, at, stopping);
}

}  // namespace probes::revocation
