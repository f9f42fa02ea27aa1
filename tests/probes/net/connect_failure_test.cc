#include "probes/net/connect_failure.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace probes::net {
namespace {

using observations::Reason;
using observations::Stage;

TEST(ConnectFailure, EveryErrorOfConnectHasItsReason) {
  const std::pair<int, Reason> rows[] = {{ECONNREFUSED, Reason::refused},        {ETIMEDOUT, Reason::connect_timeout},
                                         {ECONNRESET, Reason::connection_reset}, {ENETUNREACH, Reason::unreachable},
                                         {EHOSTUNREACH, Reason::unreachable},    {EACCES, Reason::unreachable},
                                         {EADDRNOTAVAIL, Reason::unreachable}};
  for (const auto& [error, reason] : rows) {
    const auto failure = connect_failure({error, std::system_category()});
    EXPECT_EQ(failure.stage, Stage::connect) << error;
    EXPECT_EQ(failure.reason, reason) << error;
    EXPECT_FALSE(failure.detail.empty());
  }
}

TEST(ConnectFailure, RunningOutOfDescriptorsIsOurOwnTrouble) {
  for (const int error : {EMFILE, ENFILE, ENOMEM, ENOBUFS})
    EXPECT_EQ(connect_failure({error, std::system_category()}).stage, Stage::internal) << error;
}

TEST(ConnectFailure, TellsOurOwnTroubleFromTheServers) {
  EXPECT_TRUE(exhausted({EMFILE, std::system_category()}));
  EXPECT_FALSE(exhausted({ECONNREFUSED, std::system_category()}));
  EXPECT_FALSE(exhausted({ENETUNREACH, std::system_category()}));
}

}  // namespace
}  // namespace probes::net
