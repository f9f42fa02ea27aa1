// Java keystores, made by Java's own keytool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pkcs12.h>

#include <fstream>
#include <sstream>

#include "probes/inventory/java_object.h"
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

TEST_P(JavaKeystore, NoPartOfAKeyIsKept) {
  const tests::support::Issued leaf = tests::support::issue({.common_name = "mine"});
  const tls::Ptr<PKCS12> mine(PKCS12_create("changeit", "mine", leaf.key.get(), leaf.certificate.get(), nullptr, 0, 0, 0, 0, 0));
  said_ +=
      tests::corpus::output_of("keytool -importkeystore -noprompt -srcstoretype PKCS12 -srcstorepass changeit -srckeystore " +
                               folder_.write("mine.p12", tests::support::der(mine.get())) + " -deststoretype " + GetParam() +
                               " -deststorepass changeit -destkeypass changeit -destkeystore " + folder_.path() + "/mine");
  std::ifstream file(folder_.path() + "/mine", std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  const std::string bytes = content.str();
  const std::string encrypted = bytes.substr(bytes.size() / 8, 16);  // the key is first: its certificate lies behind it
  std::vector<std::string> pieces = tests::inventory::pieces_of(leaf.key.get(), tests::support::pem(leaf.key.get()), "");
  pieces.push_back(encrypted);
  EXPECT_THAT(names(read(bytes, {"changeit"})), ElementsAre("mine:0 mine")) << said_;
  for (const char* const passphrase : {"changeit", "wrong"}) {
    for (std::size_t size = bytes.size(); size > 4; size -= std::min(size, std::size_t{7})) {
      const auto found = read(bytes.substr(0, size), {passphrase});
      for (const std::string& piece : pieces)
        ASSERT_EQ(tests::inventory::everything_in(found).find(piece), std::string::npos) << size;
    }
  }
}

TEST_P(JavaKeystore, CutShortAnywhereIsOneTroubleAndNoCrash) {
  for (std::size_t size = 4; size < bytes_.size(); size += 7)
    EXPECT_THAT(reasons(read(bytes_.substr(0, size))), testing::Contains("bad_jks")) << size;
}

TEST_P(JavaKeystore, IsReadBehindItsSecretKeys) {
  if (GetParam() != "JCEKS") return;  // only JCEKS holds secret keys
  for (const char* const key : {"aaa -keyalg AES -keysize 256", "mmm -keyalg HmacSHA256", "zzz -keyalg DESede -keysize 168"})
    keytool("-genseckey -alias " + std::string(key));
  std::ifstream file(folder_.path() + "/store", std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  const std::string bytes = content.str();
  const auto found = read(bytes, {"changeit"});
  EXPECT_THAT(names(found), UnorderedElementsAre("web:0 web", "spare:0 spare", "root:0 Root")) << said_;
  EXPECT_THAT(reasons(found), IsEmpty());
  const std::size_t object = bytes.find("\xac\xed");
  ASSERT_NE(object, std::string::npos) << said_;
  EXPECT_NE(java_object_size(bytes.substr(object)), std::nullopt);
  for (std::size_t size = 0; size < *java_object_size(bytes.substr(object)); ++size)
    EXPECT_EQ(java_object_size(bytes.substr(object, size)), std::nullopt);
  std::string other = bytes;
  other[object] = 'x';
  EXPECT_THAT(reasons(read(other)), ElementsAre("unsupported_format"));
}

}  // namespace
}  // namespace probes::inventory
