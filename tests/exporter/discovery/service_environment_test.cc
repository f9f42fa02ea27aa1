#include "exporter/discovery/service_environment.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/test_ca.h"

namespace exporter::discovery {
namespace {

namespace fs = std::filesystem;
using std::string_literals::operator""s;

class Environment : public testing::Test {
 protected:
  void process(const std::string& number, const std::string& name, const std::string& arguments, const std::string& environment) {
    fs::create_directories(folder_.path() + "/proc/" + number);
    folder_.write("proc/" + number + "/comm", name + "\n");
    folder_.write("proc/" + number + "/cmdline", arguments);
    folder_.write("proc/" + number + "/environ", environment);
  }
  tests::support::TemporaryFolder folder_;
  ServiceEnvironment service_{"haproxy", folder_.path() + "/proc", folder_.path()};
};

TEST_F(Environment, IsThatOfTheProcessWithTheConfiguration) {
  process("7", "nginx", "nginx\0-f\0/x/a.cfg\0"s, "A=wrong\0"s);
  process("8", "haproxy", "haproxy\0-f\0/x/other.cfg\0"s, "A=other\0"s);
  process("9", "haproxy", "haproxy\0-Ws\0-f\0/x/a.cfg\0"s, "A=1\0B=x=y\0"s);
  EXPECT_EQ(service_.variable("/x/a.cfg", "A"), "1");
  EXPECT_EQ(service_.variable("/x/a.cfg", "B"), "x=y");
  EXPECT_EQ(service_.variable("/x/a.cfg", "C"), std::nullopt);
  EXPECT_EQ(service_.variable("/x/other.cfg", "A"), "other");
  EXPECT_EQ(service_.variable("/y/a.cfg", "A"), std::nullopt);
}

TEST_F(Environment, MayBeOfAFolderOfConfigurations) {
  process("9", "haproxy", "haproxy\0-f\0/x\0"s, "A=1\0"s);
  EXPECT_EQ(service_.variable("/x/a.cfg", "A"), "1");
}

TEST_F(Environment, IsReadAnewWhenItIsForgotten) {
  process("9", "haproxy", "haproxy\0-f\0/x/a.cfg\0"s, "A=1\0"s);
  EXPECT_EQ(service_.variable("/x/a.cfg", "A"), "1");
  process("9", "haproxy", "haproxy\0-f\0/x/a.cfg\0"s, "A=2\0"s);
  EXPECT_EQ(service_.variable("/x/a.cfg", "A"), "1");
  service_.forget();
  EXPECT_EQ(service_.variable("/x/a.cfg", "A"), "2");
}

TEST_F(Environment, OfThePackagedServiceIsAlsoInItsDefaults) {
  folder_.write("haproxy", "# X=1\nA=\"a b\"\n B=2\n;C=3\nnothing\n");
  EXPECT_EQ(service_.variable("/etc/haproxy/haproxy.cfg", "A"), "a b");
  EXPECT_EQ(service_.variable("/etc/haproxy/haproxy.cfg", "B"), "2");
  EXPECT_EQ(service_.variable("/etc/haproxy/haproxy.cfg", "C"), std::nullopt);
  EXPECT_EQ(service_.variable("/srv/haproxy.cfg", "A"), std::nullopt);
}

}  // namespace
}  // namespace exporter::discovery
