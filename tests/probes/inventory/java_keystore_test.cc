// Java keystores, made by Java's own keytool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/corpus/comparison.h"
#include "tests/probes/inventory/reading.h"
#include "tests/support/test_ca.h"

namespace probes::inventory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using tests::inventory::names;
using tests::inventory::read;
using tests::inventory::reasons;

class JavaKeystore : public testing::TestWithParam<std::string> {
 protected:
  JavaKeystore() {
    const std::string store = folder_.path() + "/store";
    keytool("-genkeypair -alias web -dname CN=web -keyalg EC -validity 30");
    keytool("-genkeypair -alias spare -dname CN=spare -keyalg RSA -validity 30");
    const tests::support::Issued root = tests::support::root("Root");
    keytool("-importcert -noprompt -alias root -file " + folder_.write("root.pem", tests::support::pem(root.certificate.get())));
    std::ifstream file(store, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    bytes_ = content.str();
  }

  void keytool(const std::string& arguments) {
    said_ += tests::corpus::output_of("keytool " + arguments + " -storetype " + GetParam() + " -keystore " + folder_.path() +
                                      "/store -storepass changeit -keypass changeit");
  }

  tests::support::TemporaryFolder folder_;
  std::string bytes_, said_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, JavaKeystore, testing::Values("JKS", "JCEKS"), [](const auto& kind) { return kind.param; });

TEST_P(JavaKeystore, IsListedWithoutAPassphrase) {
  EXPECT_THAT(names(read(bytes_)), UnorderedElementsAre("web:0 web", "spare:0 spare", "root:0 Root")) << said_;
  EXPECT_THAT(reasons(read(bytes_)), IsEmpty());
}

TEST_P(JavaKeystore, HasADigestThatTellsAWrongPassphrase) {
  EXPECT_THAT(reasons(read(bytes_, {"wrong", "changeit"})), IsEmpty());
  const auto found = read(bytes_, {"wrong"});
  EXPECT_THAT(reasons(found), ElementsAre("bad_passphrase"));
  EXPECT_EQ(found.certificates.size(), 3u);
  std::string changed = bytes_;
  changed[changed.size() / 2] ^= 1;
  EXPECT_THAT(reasons(read(changed, {"changeit"})), testing::Contains("bad_passphrase"));
}

TEST_P(JavaKeystore, CutShortAnywhereIsOneTroubleAndNoCrash) {
  for (std::size_t size = 4; size < bytes_.size(); size += 7)
    EXPECT_THAT(reasons(read(bytes_.substr(0, size))), testing::Contains("bad_jks")) << size;
}

TEST_P(JavaKeystore, WithASecretKeySaysWhatItDoesNotRead) {
  if (GetParam() != "JCEKS") return;  // only JCEKS holds secret keys
  keytool("-genseckey -alias aaa -keyalg AES -keysize 256");
  std::ifstream file(folder_.path() + "/store", std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  const auto found = read(content.str());
  EXPECT_EQ(found.certificates.size() == 3u, reasons(found).empty());
}

}  // namespace
}  // namespace probes::inventory
