#include "probes/tls/failure.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

namespace probes::tls {
namespace {

using net::End;
using observations::Reason;
using observations::Stage;

Trace speaking() {
  Trace trace;
  trace.received = trace.speaks_tls = trace.server_hello = true;
  return trace;
}

// The client has answered a CertificateRequest; `sent`: with a certificate.
Trace answered(bool sent, std::optional<std::uint8_t> alert = {}) {
  Trace trace = speaking();
  trace.certificate_requested = trace.certificate_answered = true;
  trace.certificate_sent = sent;
  trace.fatal_alert = alert;
  return trace;
}

Stop stopped(End end, int reason = 0) {
  return {.end = end, .library = reason ? ERR_LIB_SSL : 0, .reason = reason, .in_certificate = false, .detail = "x"};
}

struct Row {
  std::uint8_t alert;
  Reason reason;
};

TEST(Failure, AnAlertAfterOurCertificateSaysWhatIsWrongWithIt) {
  for (const Row& row : {Row{48, Reason::unknown_ca}, Row{45, Reason::certificate_expired}, Row{44, Reason::certificate_revoked},
                         Row{43, Reason::unsupported_certificate}, Row{49, Reason::access_denied},
                         Row{42, Reason::bad_certificate}, Row{46, Reason::bad_certificate}, Row{51, Reason::bad_certificate}}) {
    const auto failure = explain(answered(true, row.alert), stopped(End::failed));
    EXPECT_EQ(failure.stage, Stage::client_certificate) << int{row.alert};
    EXPECT_EQ(failure.reason, row.reason) << int{row.alert};
    EXPECT_EQ(failure.alert, row.alert);
  }
}

TEST(Failure, AnEmptyCertificateThatIsRefusedWasRequiredWhateverTheAlert) {
  for (const std::uint8_t alert : std::initializer_list<std::uint8_t>{40, 42, 50, 116})
    EXPECT_EQ(explain(answered(false, alert), stopped(End::failed)).reason, Reason::certificate_required);
  EXPECT_EQ(explain(answered(false), stopped(End::closed)).reason, Reason::certificate_required);
}

TEST(Failure, AClosedOrResetConnectionAfterOurCertificateIsARefusalWithoutAnAlert) {
  for (const End end : {End::closed, End::reset}) {
    const auto failure = explain(answered(true), stopped(end));
    EXPECT_EQ(failure.stage, Stage::client_certificate);
    EXPECT_EQ(failure.reason, Reason::closed_after_certificate);
    EXPECT_FALSE(failure.alert);
  }
}

TEST(Failure, OurOwnErrorAfterOurCertificateIsNoRefusal) {
  const auto failure = explain(answered(true), stopped(End::failed, SSL_R_BAD_PACKET));
  EXPECT_EQ(failure.stage, Stage::handshake);
  EXPECT_EQ(failure.reason, Reason::protocol_error);
}

TEST(Failure, AnAlertBeforeOurCertificateBelongsToTheHandshake) {
  for (const Row& row :
       {Row{70, Reason::protocol_version}, Row{71, Reason::no_shared_cipher}, Row{112, Reason::unrecognized_name},
        Row{120, Reason::no_application_protocol}, Row{40, Reason::alert}, Row{80, Reason::alert}, Row{48, Reason::alert}}) {
    Trace trace;
    trace.received = trace.speaks_tls = true;
    trace.fatal_alert = row.alert;
    const auto failure = explain(trace, stopped(End::failed));
    EXPECT_EQ(failure.stage, Stage::handshake);
    EXPECT_EQ(failure.reason, row.reason) << int{row.alert};
  }
}

TEST(Failure, SaysHowTheHandshakeEnded) {
  EXPECT_EQ(explain(speaking(), stopped(End::too_late)).reason, Reason::handshake_timeout);
  EXPECT_EQ(explain(speaking(), stopped(End::closed)).reason, Reason::closed);
  EXPECT_EQ(explain(speaking(), stopped(End::reset)).reason, Reason::connection_reset);
  EXPECT_EQ(explain(speaking(), stopped(End::flooded)).reason, Reason::message_too_large);
  EXPECT_EQ(explain(speaking(), stopped(End::failed, SSL_R_DH_KEY_TOO_SMALL)).reason, Reason::key_too_small);
  EXPECT_EQ(explain(speaking(), stopped(End::failed, SSL_R_EXCESSIVE_MESSAGE_SIZE)).reason, Reason::message_too_large);
  EXPECT_EQ(explain(speaking(), stopped(End::failed, SSL_R_UNSUPPORTED_PROTOCOL)).reason, Reason::protocol_version);
  EXPECT_EQ(explain(speaking(), stopped(End::failed, SSL_R_BAD_LENGTH)).reason, Reason::protocol_error);
}

TEST(Failure, APeerWhoseFirstBytesAreNoTlsRecordDoesNotSpeakTls) {
  Trace trace;
  trace.received = true;
  EXPECT_EQ(explain(trace, stopped(End::failed, SSL_R_WRONG_VERSION_NUMBER)).reason, Reason::not_tls);
  trace.speaks_tls = true;
  EXPECT_EQ(explain(trace, stopped(End::failed, SSL_R_WRONG_VERSION_NUMBER)).reason, Reason::protocol_version);
}

TEST(Failure, ACertificateThatCannotBeReadIsUnparsable) {
  Stop stop = stopped(End::failed, SSL_R_BAD_LENGTH);
  stop.in_certificate = true;
  EXPECT_EQ(explain(speaking(), stop).reason, Reason::certificate_unparsable);
}

}  // namespace
}  // namespace probes::tls
