#include "exporter/discovery/listening_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "exporter/discovery/greeting.h"
#include "exporter/discovery/tls_trial.h"
#include "tests/support/tls_peer.h"

namespace exporter::discovery {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ListeningSockets, TheKernelNamesOurs) {
  const tests::support::TlsPeer ours;
  const auto sockets = listening_sockets();
  ASSERT_TRUE(sockets.has_value());
  const auto found = std::ranges::find(*sockets, ours.port(), [](const ListeningSocket& socket) { return socket.endpoint.port; });
  ASSERT_NE(found, sockets->end());
  EXPECT_EQ(address_text(found->endpoint.address), "127.0.0.1");
  EXPECT_EQ(found->user, getuid());
  EXPECT_THAT(sockets_of("/proc/self"), Contains(found->inode));
  const auto holders = holders_in("/proc");
  ASSERT_TRUE(holders.contains(found->inode));
  EXPECT_EQ(holders.at(found->inode), getpid());
  const config::Holder holder = holder_of("/proc", getpid(), found->user);
  EXPECT_EQ(holder.process, "discovery_test");
  EXPECT_FALSE(holder.user.empty());
}

TEST(ListeningSockets, ATableOfTheKernelIsReadAndAnythingElsePassedOver) {
  constexpr std::string_view table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 4711 1 0 100 0 0 10 0\n"
      "   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0\n"
      "   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000   999        0 4713 1 0 100 0 0 10 0\n"
      "   3: 0100007F:XXXX 00000000:0000 0A 00000000:00000000 00:00000000 00000000   999        0 4714\n"
      "   4: 0100007F:1F91 00000000:0000 0A\n\n  \n";
  const auto sockets = listening_in(table);
  ASSERT_THAT(sockets, SizeIs(2));
  EXPECT_EQ(address_text(sockets[0].endpoint.address), "127.0.0.1");
  EXPECT_EQ(sockets[0].endpoint.port, 8080);
  EXPECT_EQ(sockets[0].user, 999u);
  EXPECT_EQ(sockets[0].inode, 4711u);
  EXPECT_EQ(address_text(sockets[1].endpoint.address), "0.0.0.0");
  const auto v6 = listening_in("0: 00000000000000000000000001000000:0016 0:0 0A 0:0 0:0 0 0 0 7 1\n");
  ASSERT_THAT(v6, SizeIs(1));
  EXPECT_EQ(address_text(v6[0].endpoint.address), "::1");
}

TEST(ListeningSockets, AUnitOrAContainerIsNamed) {
  const std::string id(64, 'a');
  EXPECT_EQ(unit_in("0::/system.slice/nginx.service\n"), "nginx.service");
  EXPECT_EQ(unit_in("0::/user.slice/user-1000.slice/user@1000.service/app.slice/web.service"), "web.service");
  EXPECT_EQ(unit_in("0::/system.slice/docker-" + id + ".scope\n"), "docker:aaaaaaaaaaaa");
  EXPECT_EQ(unit_in("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope"), "cri-containerd:aaaaaaaaaaaa");
  EXPECT_EQ(unit_in("12:pids:/docker/" + id + "\n"), "docker:aaaaaaaaaaaa");
  EXPECT_EQ(unit_in("0::/"), "");
  EXPECT_EQ(unit_in("0::/init.scope"), "");
  EXPECT_EQ(unit_in("nonsense"), "");
}

TEST(ListeningSockets, AProcessThatIsNotSeenLeavesItsUser) {
  EXPECT_EQ(holder_of("/proc", std::nullopt, 0), (config::Holder{.process = {}, .unit = {}, .user = "root"}));
  EXPECT_EQ(holder_of("/nowhere", 1, 4000000000).user, "4000000000");
  EXPECT_THAT(holders_in("/nowhere"), IsEmpty());
}

TEST(Greeting, TellsWhatIsSpoken) {
  EXPECT_EQ(protocol_greeting_so("220 mail.test ESMTP Postfix\r\n"), "smtp");
  EXPECT_EQ(protocol_greeting_so("220 ProFTPD Server ready\r\n"), "ftp");
  EXPECT_EQ(protocol_greeting_so("220 mail.test LMTP\r\n"), "lmtp");
  EXPECT_EQ(protocol_greeting_so("* OK [CAPABILITY IMAP4rev1] ready\r\n"), "imap");
  EXPECT_EQ(protocol_greeting_so("+OK ready\r\n"), "pop3");
  EXPECT_EQ(protocol_greeting_so(std::string_view("\x4a\0\0\0\x0a", 5)), "");
  EXPECT_EQ(protocol_greeting_so(std::string_view("\x4a\0\0\0\x0a"
                                                  "8.0",
                                                  8)),
            "mysql");
  EXPECT_EQ(protocol_greeting_so("SSH-2.0-OpenSSH_9.2\r\n"), "");
  EXPECT_EQ(protocol_greeting_so(""), "");
}

}  // namespace
}  // namespace exporter::discovery
