#include "exporter/web/listeners.h"

#include <gtest/gtest.h>

namespace exporter::web {
namespace {

TEST(Listeners, AnEmptyHostIsEveryAddress) {
  for (const char* address : {":0", "[::]:0"}) {
    const auto listeners = listen_on(address);
    ASSERT_EQ(listeners.size(), 1u);
    EXPECT_TRUE(listeners[0].address.starts_with("[::]:") || listeners[0].address.starts_with("0.0.0.0:")) << listeners[0].address;
    EXPECT_FALSE(listeners[0].address.ends_with(":0"));
  }
}

TEST(Listeners, TakesLiteralsAndNames) {
  EXPECT_TRUE(listen_on("127.0.0.1:0").front().address.starts_with("127.0.0.1:"));
  EXPECT_GE(listen_on("localhost:0").size(), 1u);
}

TEST(Listeners, RefusesWhatIsNoAddress) {
  for (const char* address : {"", "10219", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:10219", "[::1:10219", "127.0.0.1:-1",
                              "does-not-exist.invalid:0", "192.0.2.1:0"}) {
    try {
      (void)listen_on(address);
      ADD_FAILURE() << address;
    } catch (const ListenError& error) {
      EXPECT_NE(std::string(error.what()).find("\"" + std::string(address) + "\""), std::string::npos) << error.what();
    }
  }
}

TEST(Listeners, SaysWhenSystemdPassedNothing) { EXPECT_THROW((void)systemd_listeners(), ListenError); }

}  // namespace
}  // namespace exporter::web
