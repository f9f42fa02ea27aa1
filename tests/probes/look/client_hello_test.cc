#include "probes/look/client_hello.h"

#include <gtest/gtest.h>

#include <string>

#include "probes/bytes/big_endian.h"

namespace probes::look {
namespace {

TEST(ClientHello, IsOneRecordOfOneMessageThatAsksForTls12) {
  Random random;
  random.fill('r');
  const std::string hello = client_hello(random);
  bytes::Cursor record(hello);
  EXPECT_EQ(record.number(1), 22u);
  EXPECT_EQ(record.number(2), 0x0301u);
  bytes::Cursor message(record.bytes(record.number(2)));
  EXPECT_TRUE(record.good() && record.at_end());
  EXPECT_EQ(message.number(1), 1u);
  bytes::Cursor body(message.bytes(message.number(3)));
  EXPECT_TRUE(message.good() && message.at_end());
  EXPECT_EQ(body.number(2), 0x0303u);
  EXPECT_EQ(body.bytes(32), std::string(32, 'r'));
  EXPECT_EQ(body.number(1), 0u);
  EXPECT_EQ(body.bytes(body.number(2)).size() % 2, 0u);
  EXPECT_EQ(body.bytes(body.number(1)), std::string(1, '\0'));
  bytes::Cursor extensions(body.bytes(body.number(2)));
  EXPECT_TRUE(body.good() && body.at_end());
  while (!extensions.at_end()) {
    const auto type = extensions.number(2);
    EXPECT_NE(type, 43u) << "supported_versions: the servers of TLS 1.3 would choose it";
    EXPECT_NE(type, 0u) << "server_name: there is none";
    extensions.bytes(extensions.number(2));
    ASSERT_TRUE(extensions.good());
  }
}

TEST(ClientHello, OffersWhatHasACertificateAndNothingElse) {
  EXPECT_TRUE(offers(0xc02b));
  EXPECT_TRUE(offers(0x000a));
  EXPECT_FALSE(offers(0x1301)) << "TLS 1.3";
  EXPECT_FALSE(offers(0x00ff)) << "a signal";
  EXPECT_FALSE(offers(0x00a8)) << "a pre-shared key";
  EXPECT_FALSE(offers(0x0034)) << "anonymous";
}

}  // namespace
}  // namespace probes::look
