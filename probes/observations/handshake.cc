#include "probes/observations/handshake.h"

namespace probes::observations {

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::accepted: return "accepted";
    case Verdict::rejected: return "rejected";
    case Verdict::unconfirmed: return "unconfirmed";
    case Verdict::not_requested: return "not_requested";
  }
  return "unconfirmed";
}

std::string_view word(KnockAnswer answer) {
  switch (answer) {
    case KnockAnswer::refused: return "refused";
    case KnockAnswer::admitted: return "admitted";
    case KnockAnswer::undetermined: return "undetermined";
  }
  return "undetermined";
}

std::string_view word(DoorMode mode) {
  switch (mode) {
    case DoorMode::none: return "none";
    case DoorMode::optional: return "optional";
    case DoorMode::required: return "required";
    case DoorMode::any_certificate: return "any_certificate";
    case DoorMode::open: return "open";
    case DoorMode::undetermined: return "undetermined";
  }
  return "undetermined";
}

bool reached(const Handshake& handshake) {
  const Failure* failure = handshake.failure();
  if (failure == nullptr) return true;
  switch (failure->stage) {
    case Stage::resolve:
    case Stage::connect:
    case Stage::proxy: return false;
    case Stage::internal: return !handshake.certificates.empty();  // what came shows how far it got
    case Stage::starttls:
    case Stage::handshake:
    case Stage::client_certificate:
    case Stage::application: return true;
  }
  return false;
}

bool handshake_failed(const Handshake& handshake) {
  const Failure* failure = handshake.failure();
  return failure != nullptr && failure->stage != Stage::application;
}

}  // namespace probes::observations
