// What a service manager hears, on a socket as systemd's.
#include "exporter/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "tests/support/test_ca.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;

class Notify : public testing::Test {
 protected:
  Notify() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_.path() + "/notify";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Notify() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
    close(socket_);
  }

  // The next message; empty when there is none. A datagram is here when its sender has returned.
  std::string heard() const {
    std::array<char, 4096> bytes;
    const ssize_t size = recv(socket_, bytes.data(), bytes.size(), 0);
    return size < 0 ? "" : std::string(bytes.data(), static_cast<std::size_t>(size));
  }

 private:
  tests::support::TemporaryFolder folder_;
  int socket_;
};

TEST_F(Notify, TellsThatItServesAndWhat) {
  notify::ready("watching 3 targets");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=watching 3 targets");
}

TEST_F(Notify, AStatusCannotSayMoreThanAStatus) {
  notify::ready("one\nSTOPPING=1");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=one STOPPING=1");
}

TEST_F(Notify, TellsOfAReloadWithTheTimeItBegan) {
  notify::reloading();
  EXPECT_TRUE(heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
}

TEST_F(Notify, TellsThatItStopsAndThatItLives) {
  notify::stopping();
  notify::alive();
  EXPECT_EQ(heard(), "STOPPING=1");
  EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(Notify, SaysNothingWithoutAManager) {
  unsetenv("NOTIFY_SOCKET");
  notify::alive();
  EXPECT_EQ(heard(), "");
}

TEST_F(Notify, KnowsHowLongTheWatchdogWaits) {
  EXPECT_EQ(notify::watchdog(), std::nullopt);
  setenv("WATCHDOG_USEC", "60000000", 1);
  EXPECT_EQ(notify::watchdog(), 60s);
}

TEST_F(Notify, AnothersWatchdogIsNotOurs) {
  setenv("WATCHDOG_USEC", "60000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getppid()).c_str(), 1);
  EXPECT_EQ(notify::watchdog(), std::nullopt);
}

}  // namespace
}  // namespace exporter
