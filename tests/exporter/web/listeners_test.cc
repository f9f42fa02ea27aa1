#include "exporter/web/listeners.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace exporter::web {
namespace {

TEST(Listeners, AnEmptyHostIsEveryAddress) {
  for (const char* address : {":0", "[::]:0"}) {
    const auto listeners = listen_on(address);
    ASSERT_EQ(listeners.size(), 1u);
    EXPECT_TRUE(listeners[0].address.starts_with("[::]:") || listeners[0].address.starts_with("0.0.0.0:"))
        << listeners[0].address;
    EXPECT_FALSE(listeners[0].address.ends_with(":0"));
  }
}

TEST(Listeners, TakesLiteralsAndNames) {
  EXPECT_TRUE(listen_on("127.0.0.1:0").front().address.starts_with("127.0.0.1:"));
  EXPECT_GE(listen_on("localhost:0").size(), 1u);
}

TEST(Listeners, RefusesWhatIsNoAddress) {
  for (const char* address : {"", "10219", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:10219", "[::1:10219",
                              "127.0.0.1:-1", "does-not-exist.invalid:0", "192.0.2.1:0"}) {
    try {
      (void)listen_on(address);
      ADD_FAILURE() << address;
    } catch (const ListenError& error) {
      EXPECT_NE(std::string(error.what()).find("\"" + std::string(address) + "\""), std::string::npos) << error.what();
    }
  }
}

// What systemd does for a .socket unit: the sockets from descriptor 3 on, and two variables. In a process of its own, for
// descriptor 3 may be taken here.
TEST(Listeners, TakesTheSocketsSystemdPassed) {
  EXPECT_EXIT(
      {
        auto ours = listen_on("127.0.0.1:0");
        const std::string address = ours.front().address;
        dup2(ours.front().descriptor.number(), 3);
        setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
        setenv("LISTEN_FDS", "1", 1);
        const auto passed = systemd_listeners();
        std::_Exit(passed.size() == 1 && passed.front().address == address && getenv("LISTEN_FDS") == nullptr ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Listeners, RefusesASocketFromSystemdThatDoesNotListen) {
  EXPECT_EXIT(
      {
        dup2(::socket(AF_INET, SOCK_DGRAM, 0), 3);
        setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
        setenv("LISTEN_FDS", "1", 1);
        try {
          (void)systemd_listeners();
        } catch (const ListenError&) {
          std::_Exit(0);
        }
        std::_Exit(1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Listeners, SaysWhenSystemdPassedNothing) { EXPECT_THROW((void)systemd_listeners(), ListenError); }

}  // namespace
}  // namespace exporter::web
