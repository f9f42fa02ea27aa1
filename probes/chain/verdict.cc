#include "probes/chain/verdict.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <utility>

#include "probes/tls/made.h"

namespace probes::chain {

namespace {

// A chain has at most a hundred certificates and few of them are wrong in more than two ways.
constexpr std::size_t most_objections = 256;

int purpose_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::server: return X509_PURPOSE_SSL_SERVER;
    case Purpose::client: return X509_PURPOSE_SSL_CLIENT;
    case Purpose::any: return 0;
  }
  return 0;
}

// One verification: the lists it borrows live as long as it does.
class Verification {
 public:
  Verification(std::span<X509* const> received, X509_STORE* store, const JudgeOptions& options)
      : context_(tls::made(X509_STORE_CTX_new())), untrusted_(sk_X509_new_null()), crls_(sk_X509_CRL_new_null()) {
    for (X509* certificate : received) sk_X509_push(untrusted_, certificate);
    for (X509_CRL* crl : options.crls) sk_X509_CRL_push(crls_, crl);
    X509_STORE_CTX_init(context_.get(), store, received.front(), untrusted_);
    X509_STORE_CTX_set0_crls(context_.get(), crls_);
    if (const int purpose = purpose_of(options.purpose)) X509_STORE_CTX_set_purpose(context_.get(), purpose);
    configure(X509_STORE_CTX_get0_param(context_.get()), options);
  }
  ~Verification() {
    context_.reset();
    sk_X509_free(untrusted_);
    sk_X509_CRL_free(crls_);
    ERR_clear_error();
  }
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  X509_STORE_CTX* context() { return context_.get(); }
  bool run() { return X509_verify_cert(context_.get()) == 1; }

 private:
  static void configure(X509_VERIFY_PARAM* parameters, const JudgeOptions& options) {
    X509_VERIFY_PARAM_set_auth_level(parameters, options.security_level);
    X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(options.at.time_since_epoch().count()));
    X509_VERIFY_PARAM_set_flags(parameters, options.flags);
    if (options.maximum_depth) X509_VERIFY_PARAM_set_depth(parameters, *options.maximum_depth);
    if (!options.policies.empty()) X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_POLICY_CHECK);
    for (const std::string& policy : options.policies) X509_VERIFY_PARAM_add0_policy(parameters, OBJ_txt2obj(policy.c_str(), 1));
  }

  tls::Ptr<X509_STORE_CTX> context_;
  STACK_OF(X509) * untrusted_;
  STACK_OF(X509_CRL) * crls_;
};

int note_and_continue(int ok, X509_STORE_CTX* context) {
  if (ok != 0) return ok;
  auto* noted = static_cast<std::vector<Objection>*>(X509_STORE_CTX_get_app_data(context));
  // The path of a CRL's issuer is verified in a context of its own, without our data: it must hold as it is.
  if (noted == nullptr || noted->size() >= most_objections) return 0;
  X509* certificate = X509_STORE_CTX_get_current_cert(context);
  noted->push_back({X509_STORE_CTX_get_error(context), certificate ? tls::share(certificate) : nullptr});
  return 1;
}

}  // namespace

Verdict verdict(std::span<X509* const> received, X509_STORE* store, const JudgeOptions& options) {
  Verification verification(received, store, options);
  Verdict verdict;
  if (!verification.run()) {
    verdict.code = X509_STORE_CTX_get_error(verification.context());
    // A failure that leaves X509_V_OK behind (out of memory, bad policy argument) is still a failure.
    if (verdict.code == X509_V_OK) verdict.code = X509_V_ERR_UNSPECIFIED;
  }
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(verification.context());
  for (int index = 0; index < sk_X509_num(chain); ++index) verdict.chain.push_back(tls::share(sk_X509_value(chain, index)));
  return verdict;
}

std::vector<Objection> objections(std::span<X509* const> received, X509_STORE* store, const JudgeOptions& options) {
  Verification verification(received, store, options);
  std::vector<Objection> noted;
  X509_STORE_CTX_set_app_data(verification.context(), &noted);
  X509_STORE_CTX_set_verify_cb(verification.context(), note_and_continue);
  (void)verification.run();
  return noted;
}

}  // namespace probes::chain
