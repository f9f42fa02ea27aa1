// A trust store that Java's own keytool made. Beside trust_store_test.cc because it needs a JDK.
#include <gtest/gtest.h>

#include "probes/chain/trust_store.h"
#include "tests/support/command.h"
#include "tests/support/test_ca.h"

namespace probes::chain {
namespace {

TEST(JavaTrustStore, IsReadWithAndWithoutItsPassphrase) {
  const tests::support::TemporaryFolder folder;
  const std::string root = folder.write("root.pem", tests::support::pem(tests::support::root("A").certificate.get()));
  const std::string path = folder.path() + "/truststore.jks";
  ASSERT_TRUE(tests::support::run({"keytool", "-importcert", "-noprompt", "-alias", "a", "-file", root, "-keystore", path,
                                   "-storetype", "JKS", "-storepass", "secret-secret"}));
  const std::string passphrase_file = folder.write("pass", "secret-secret\n");
  for (const std::vector<std::string>& passphrase_files : {std::vector<std::string>{}, {passphrase_file}}) {
    const TrustStorePtr store = TrustStore::load({.name = "t", .ca_files = {path}, .passphrase_files = passphrase_files});
    EXPECT_TRUE(store->errors().empty()) << store->errors().front().detail;
    ASSERT_EQ(store->certificates().size(), 1u);
    EXPECT_EQ(store->certificates()[0]->subject_common_name(), "A");
  }
}

}  // namespace
}  // namespace probes::chain
