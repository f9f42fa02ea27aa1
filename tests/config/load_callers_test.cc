#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "tests/config/mistake_in.h"

namespace config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const Vocabulary vocabulary{.protocols = {"tls"}, .findings = {}, .reserved_labels = {"target", "name"}};

Settings read(const std::string& entries) {
  return load_text("trust: {estate: {system: true}}\nauthorities: [{name: vpn, openssl_index: i}]\ncallers:\n" + entries,
                   "/etc/x/estate.yml", vocabulary);
}

std::string mistake(const std::string& entry) { return mistake_in(read, entry); }

TEST(LoadCallers, ReadsAllKeysAndTheirDefaults) {
  const Settings settings = read(
      "- {name: gateway, log_files: [a.log, /var/b.log], trust: estate, authorities: [vpn], addresses: 0, keep: 30d, "
      "max_series: 5, lines_per_second: 7, labels: {owner: web}}\n"
      "- {name: edge, syslog: 'unix:/run/e.sock', socket_mode: 666, socket_group: www-data}\n");
  const Callers& gateway = settings.callers.at("gateway");
  EXPECT_THAT(gateway.log_files, ElementsAre("/etc/x/a.log", "/var/b.log"));
  EXPECT_EQ(gateway.trust, "estate");
  EXPECT_EQ(gateway.addresses, 0u);
  EXPECT_EQ(gateway.keep, 30 * 24h);
  EXPECT_EQ(gateway.max_series, 5u);
  EXPECT_EQ(gateway.lines_per_second, 7u);
  EXPECT_THAT(gateway.labels, ElementsAre(Pair("owner", "web")));
  EXPECT_TRUE(settings.authorities.at("vpn").ledger);
  const Callers& edge = settings.callers.at("edge");
  EXPECT_EQ(edge.syslog.kind, SyslogSocket::Kind::unix_datagram);
  EXPECT_EQ(edge.syslog.path, "/run/e.sock");
  EXPECT_EQ(edge.socket_mode, 0666);
  EXPECT_EQ(edge.socket_group, "www-data");
  EXPECT_EQ(edge.addresses, 8u);
  EXPECT_EQ(edge.keep, 90 * 24h);
  EXPECT_EQ(edge.max_series, 10000u);
  EXPECT_EQ(edge.lines_per_second, 50000u);
}

TEST(LoadCallers, SyslogIsReceivedOnLoopbackUnlessAnAddressIsWritten) {
  const auto socket = [](const std::string& text) { return std::get<SyslogSocket>(parse_syslog_socket(text)); };
  EXPECT_EQ(socket("udp:5140"), (SyslogSocket{.kind = SyslogSocket::Kind::udp, .path = "", .host = "127.0.0.1", .port = 5140}));
  EXPECT_EQ(socket("tcp::5140").host, "127.0.0.1");
  EXPECT_EQ(socket("tcp:192.0.2.1:6514").host, "192.0.2.1");
  EXPECT_EQ(socket("udp:[::1]:5140").host, "::1");
  EXPECT_EQ(socket("unix-stream:/run/a").kind, SyslogSocket::Kind::unix_stream);
  EXPECT_TRUE(open_to_all(socket("udp:5140")));
  EXPECT_FALSE(open_to_all(socket("unix:/run/a")));
  for (const char* text :
       {"", "unix:", "unix:relative", "udp:", "udp:0", "udp:70000", "udp:name.example:5140", "http:80", "/run/a.sock"})
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_syslog_socket(text))) << text;
}

TEST(LoadCallers, SaysWhatIsWrong) {
  EXPECT_THAT(mistake("- {log_files: [a]}"), HasSubstr("4:3: callers without a `name`"));
  EXPECT_THAT(mistake("- {name: a}"), HasSubstr("have neither `log_files` nor `syslog`"));
  EXPECT_THAT(mistake("- {name: a, log_files: [b], trust: c}"), HasSubstr("unknown trust store `c`"));
  EXPECT_THAT(mistake("- {name: a, log_files: [b], authorities: [c]}"), HasSubstr("unknown authority `c`"));
  EXPECT_THAT(mistake("- {name: a, log_files: [b]}\n- {name: a, log_files: [c]}"), HasSubstr("duplicate callers name `a`"));
  EXPECT_THAT(mistake("- {name: a, log_files: [b]}\n- {name: c, log_files: [b]}"), HasSubstr("is read for callers already"));
  EXPECT_THAT(mistake("- {name: a, syslog: 'udp:host:1'}"), HasSubstr("no IP address"));
  EXPECT_THAT(mistake("- {name: a, syslog: 'udp:5140', socket_mode: 666}"), HasSubstr("`socket_mode` without a Unix socket"));
  EXPECT_THAT(mistake("- {name: a, syslog: 'unix:/a', socket_mode: 888}"), HasSubstr("no file mode"));
  EXPECT_THAT(mistake("- {name: a, log_files: [b], keep: 0}"), HasSubstr("a duration of zero"));
  EXPECT_THAT(mistake("- {name: a, log_files: [b], labels: {target: x}}"), HasSubstr("`target`"));
}

}  // namespace
}  // namespace config
