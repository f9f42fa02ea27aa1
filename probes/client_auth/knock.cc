#include "probes/client_auth/knock.h"

namespace probes::client_auth {

using observations::Failure;
using observations::Handshake;
using observations::KnockAnswer;
using observations::Stage;
using observations::Verdict;

namespace {

// 401, 403 and redirects are how an application turns somebody away who got past TLS.
bool turns_away(int status) { return status == 401 || status == 403 || (status >= 300 && status < 400); }

KnockAnswer compare_statuses(int knock, int own) {
  if (knock / 100 == own / 100) return KnockAnswer::admitted;
  if (turns_away(knock)) return KnockAnswer::refused;
  return KnockAnswer::undetermined;
}

bool refused_certificate(const Failure& failure) {
  return failure.stage == Stage::client_certificate && failure.reason != observations::Reason::identity_unusable &&
         failure.reason != observations::Reason::no_suitable_signature;
}

}  // namespace

KnockAnswer answer(const Handshake& knock, const Handshake& own) {
  const Failure* failure = knock.failure();
  if (failure != nullptr && refused_certificate(*failure)) return KnockAnswer::refused;
  if (failure != nullptr && failure->stage != Stage::application) return KnockAnswer::undetermined;
  const auto verdict = knock.client.verdict;
  if (!verdict || *verdict == Verdict::unconfirmed) return KnockAnswer::undetermined;
  if (knock.application_status && own.application_status)
    return compare_statuses(*knock.application_status, *own.application_status);
  // No application to compare: TLS let the knock in.
  return failure == nullptr ? KnockAnswer::admitted : KnockAnswer::undetermined;
}

}  // namespace probes::client_auth
