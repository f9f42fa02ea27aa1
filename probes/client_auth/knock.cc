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
  // An API server says 401 to everybody without a token: it tells nobody from anybody.
  if (turns_away(knock) && turns_away(own)) return KnockAnswer::undetermined;
  if (knock / 100 == own / 100) return KnockAnswer::admitted;
  if (turns_away(knock)) return KnockAnswer::refused;
  return KnockAnswer::undetermined;
}

// Our own probe was turned away, or asked nothing: what the application says to the knock stands alone.
KnockAnswer alone(int knock) {
  if (turns_away(knock)) return KnockAnswer::undetermined;
  return knock / 100 == 2 ? KnockAnswer::admitted : KnockAnswer::undetermined;
}

bool refused_certificate(const Failure& failure) {
  return failure.stage == Stage::client_certificate && failure.reason != observations::Reason::identity_unusable &&
         failure.reason != observations::Reason::no_suitable_signature;
}

// What the knock was refused with; null: it was not.
const Failure* refusal(const Handshake& knock) {
  if (knock.client.turned_away) return &*knock.client.turned_away;
  const Failure* failure = knock.failure();
  return failure != nullptr && refused_certificate(*failure) ? failure : nullptr;
}

}  // namespace

observations::KnockFound answer(const Handshake& knock, const Handshake& own) {
  if (const Failure* refused = refusal(knock))
    return {KnockAnswer::refused, refused->reason != observations::Reason::refused_by_application};
  const Failure* failure = knock.failure();
  if (failure != nullptr && failure->stage != Stage::application) return {};
  const auto verdict = knock.client.verdict;
  if (!verdict || *verdict == Verdict::unconfirmed || knock.client.unasked) return {};
  if (knock.application_status) {
    const bool comparable = own.application_status && !own.client.turned_away;
    return {comparable ? compare_statuses(*knock.application_status, *own.application_status) : alone(*knock.application_status)};
  }
  if (knock.application_let_us_in) return {KnockAnswer::admitted};
  // No application to compare: TLS let the knock in.
  if (failure != nullptr || knock.application_answered) return {};
  return {KnockAnswer::admitted, true};
}

}  // namespace probes::client_auth
