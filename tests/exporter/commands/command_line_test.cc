#include "exporter/commands/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/version.h"

namespace exporter {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

CommandLine good(const Arguments& arguments, std::string_view hostname = "host") {
  auto parsed = parse_command_line(arguments, hostname);
  if (const auto* exit = std::get_if<Exit>(&parsed)) {
    ADD_FAILURE() << exit->text;
    return {};
  }
  return std::get<CommandLine>(parsed);
}

template <typename Command>
Command command(const Arguments& arguments, std::string_view hostname = "host") {
  const CommandLine line = good(arguments, hostname);
  const auto* found = std::get_if<Command>(&line.command);
  EXPECT_NE(found, nullptr);
  return found == nullptr ? Command{} : *found;
}

// What a wrong command line prints.
std::string refused(const Arguments& arguments, std::string_view hostname = "host") {
  const auto parsed = parse_command_line(arguments, hostname);
  const auto* exit = std::get_if<Exit>(&parsed);
  if (exit == nullptr) return "";
  EXPECT_EQ(exit->code, 2);
  EXPECT_THAT(exit->text, HasSubstr("Try mtls_exporter --help.\n"));
  return exit->text;
}

TEST(CommandLine, ServesByDefault) {
  const CommandLine line = good({});
  EXPECT_EQ(line.config_file, "mtls_exporter.yml");
  EXPECT_EQ(line.log_level, LogLevel::info);
  EXPECT_EQ(line.log_format, LogFormat::logfmt);
  const Serve serve = command<Serve>({});
  EXPECT_THAT(serve.listen, ElementsAre(config::Address{"", 10219}));
  EXPECT_EQ(serve.shard, (Shard{0, 1}));
  EXPECT_EQ(serve.timeout_offset, 500ms);
  EXPECT_FALSE(serve.systemd_socket || serve.enable_lifecycle || serve.probe_listen);
}

TEST(CommandLine, FlagsTakeTheirValueAfterAnEqualsSignOrASpace) {
  EXPECT_EQ(good({"--config.file=a.yml"}).config_file, "a.yml");
  EXPECT_EQ(good({"--config.file", "a.yml"}).config_file, "a.yml");
  EXPECT_EQ(command<Serve>({"--web.config.file", "w.yml"}).web_config_file, "w.yml");
  EXPECT_EQ(command<Serve>({"--web.external-url=https://x/"}).external_url, "https://x/");
  EXPECT_THAT(refused({"--web.external-url=certs.example"}), HasSubstr("no http or https address"));
  EXPECT_THAT(refused({"--web.external-url=https://certs.example/?x=1"}), HasSubstr("goes on after its path"));
  EXPECT_TRUE(command<Serve>({"--web.systemd-socket"}).systemd_socket);
  EXPECT_TRUE(command<Serve>({"--web.enable-lifecycle"}).enable_lifecycle);
}

TEST(CommandLine, ListensWhereItIsTold) {
  const Serve serve = command<Serve>({"--web.listen-address=:10219", "--web.listen-address", "127.0.0.1:0",
                                      "--web.listen-address=[::1]:8443", "--web.listen-address=localhost:1"});
  EXPECT_THAT(serve.listen, ElementsAre(config::Address{"", 10219}, config::Address{"127.0.0.1", 0}, config::Address{"::1", 8443},
                                        config::Address{"localhost", 1}));
  EXPECT_EQ(config::address_text(serve.listen[0]), ":10219");
  EXPECT_EQ(command<Serve>({"--web.probe-listen-address=:8080"}).probe_listen, (config::Address{"", 8080}));
  EXPECT_THAT(refused({"--web.listen-address=10219"}), HasSubstr("`10219` is a port alone; write :10219"));
  EXPECT_THAT(refused({"--web.listen-address=:99999"}), HasSubstr("`99999` is no port"));
  EXPECT_EQ(command<Serve>({"--web.telemetry-listen-address=:10220"}).telemetry_listen, (config::Address{"", 10220}));
  EXPECT_THAT(refused({"--web.probe-listen-address=::1:80:"}), HasSubstr("is no port"));
}

TEST(CommandLine, LogsAsItIsTold) {
  EXPECT_EQ(good({"--log.level=debug"}).log_level, LogLevel::debug);
  EXPECT_EQ(good({"--log.level=warn"}).log_level, LogLevel::warn);
  EXPECT_EQ(good({"--log.level=error"}).log_level, LogLevel::error);
  EXPECT_EQ(good({"--log.format=json"}).log_format, LogFormat::json);
  EXPECT_THAT(refused({"--log.level=loud"}), HasSubstr("`loud` is not among debug, info, warn, warning, error"));
  EXPECT_THAT(refused({"--log.format=xml"}), HasSubstr("`xml` is not among logfmt, json"));
}

TEST(CommandLine, AShardIsBelowTheirCount) {
  EXPECT_EQ(command<Serve>({"--shard=0/3"}).shard, (Shard{0, 3}));
  EXPECT_EQ(command<Serve>({"--shard=2/3"}).shard, (Shard{2, 3}));
  EXPECT_THAT(refused({"--shard=3/3"}), HasSubstr("shard 3/3 does not exist"));
  for (const char* text : {"1", "/3", "1/", "a/3", "1/b", "-1/3", "0/0", "1/2/3"})
    EXPECT_NE(refused({std::string("--shard=") + text}), "") << text;
}

TEST(CommandLine, AShardMayBeTheOrdinalOfAStatefulSet) {
  EXPECT_EQ(command<Serve>({"--shard=hostname/3"}, "mtls-exporter-2").shard, (Shard{2, 3}));
  EXPECT_EQ(command<Serve>({"--shard=hostname/3"}, "mtls-exporter-1.monitoring.svc").shard, (Shard{1, 3}));
  EXPECT_THAT(refused({"--shard=hostname/3"}, "laptop"), HasSubstr("the host name `laptop` ends in no ordinal"));
  EXPECT_THAT(refused({"--shard=hostname/2"}, "mtls-exporter-2"), HasSubstr("does not exist"));
}

TEST(CommandLine, TheTimeoutOffsetIsInSeconds) {
  EXPECT_EQ(command<Serve>({"--timeout-offset=0.25"}).timeout_offset, 250ms);
  EXPECT_EQ(command<Serve>({"--timeout-offset", "0"}).timeout_offset, 0ms);
  for (const char* text : {"-1", "soon", "0.5s", "nan", "1e9"})
    EXPECT_THAT(refused({std::string("--timeout-offset=") + text}), HasSubstr("is no number of seconds")) << text;
}

TEST(CommandLine, ProbesOneServer) {
  const ProbeOnce probe = command<ProbeOnce>({"probe", "a.example:443", "--module=m", "--identity=i", "--trust", "ca.pem",
                                              "--server-name=b", "--address=10.0.0.1", "--at=+30d", "--format=json"});
  EXPECT_EQ(probe.server, "a.example:443");
  EXPECT_EQ(probe.module, "m");
  EXPECT_EQ(probe.identity, "i");
  EXPECT_EQ(probe.trust, "ca.pem");
  EXPECT_EQ(probe.server_name, "b");
  EXPECT_EQ(probe.address, "10.0.0.1");
  EXPECT_EQ(probe.at, 30 * 24h);
  EXPECT_EQ(probe.format, ReportFormat::json);
  EXPECT_FALSE(probe.all);
  EXPECT_EQ(command<ProbeOnce>({"probe", "--at=-1h", "a:1"}).at, -1h);
  EXPECT_EQ(command<ProbeOnce>({"probe", "a:1", "--cert", "c", "--key=k"}).key_file, "k");
}

TEST(CommandLine, ProbesTheWholeConfiguration) {
  const ProbeOnce probe = command<ProbeOnce>({"probe", "--all", "--at=+30d", "--trust=new.pem"});
  EXPECT_TRUE(probe.all);
  EXPECT_EQ(probe.server, "");
  EXPECT_EQ(probe.trust, "new.pem");
}

TEST(CommandLine, TheConfigurationsFlagMayFollowTheCommand) {
  EXPECT_EQ(good({"probe", "payments", "--config.file=a.yml"}).config_file, "a.yml");
  EXPECT_TRUE(good({"probe", "payments", "--config.file=a.yml"}).config_file_given);
  EXPECT_FALSE(good({"probe", "payments"}).config_file_given);
  EXPECT_EQ(good({"--config.file=a.yml", "probe", "payments"}).config_file, "a.yml");
}

TEST(CommandLine, RefusesProbesThatContradictThemselves) {
  EXPECT_THAT(refused({"probe"}), HasSubstr("server is required"));
  EXPECT_THAT(refused({"probe", "a:1", "b:1"}), HasSubstr("b:1"));
  EXPECT_THAT(refused({"probe", "a:1", "--key=k"}), HasSubstr("--cert"));
  EXPECT_THAT(refused({"probe", "a:1", "--cert=c", "--identity=i"}), HasSubstr("--identity"));
  EXPECT_THAT(refused({"probe", "--all", "a:1"}), HasSubstr("--all"));
  for (const char* about_one : {"--address=b", "--module=m", "--identity=i", "--cert=c", "--server-name=b"})
    EXPECT_THAT(refused({"probe", "--all", about_one}), HasSubstr("--all")) << about_one;
  EXPECT_THAT(refused({"probe", "a:1", "--at=soon"}), HasSubstr("`soon` is no duration"));
  EXPECT_THAT(refused({"probe", "a:1", "--format=xml"}), HasSubstr("`xml` is not among text, json"));
}

TEST(CommandLine, ChecksAConfiguration) {
  EXPECT_EQ(command<CheckConfig>({"check-config", "a.yml"}).file, "a.yml");
  EXPECT_EQ(command<CheckConfig>({"--config.check", "--config.file=b.yml"}).file, "b.yml");
  EXPECT_EQ(command<CheckConfig>({"--config.check"}).file, "mtls_exporter.yml");
  EXPECT_THAT(refused({"check-config"}), HasSubstr("file is required"));
}

TEST(CommandLine, TakesAnInventory) {
  EXPECT_EQ(command<TakeInventory>({"inventory"}).format, InventoryFormat::json);
  EXPECT_TRUE(command<TakeInventory>({"inventory"}).probe);
  EXPECT_EQ(command<TakeInventory>({"inventory", "--format=csv"}).format, InventoryFormat::csv);
  EXPECT_EQ(command<TakeInventory>({"inventory", "--format=cyclonedx"}).format, InventoryFormat::cyclonedx);
  EXPECT_FALSE(command<TakeInventory>({"inventory", "--no-probe"}).probe);
  EXPECT_EQ(good({"inventory", "--config.file=a.yml"}).config_file, "a.yml");
  EXPECT_THAT(refused({"inventory", "--format=text"}), HasSubstr("`text` is not among json, csv, cyclonedx"));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(refused({"--config.fil=a"}), HasSubstr("--config.fil=a"));
  EXPECT_THAT(refused({"serve"}), HasSubstr("serve"));
  EXPECT_NE(refused({"--config.file"}), "");
  EXPECT_THAT(refused({"--config.fil=a"}), HasSubstr("did you mean --config.file?"));
  EXPECT_THAT(refused({"--log-level=info"}), HasSubstr("did you mean --log.level?"));
  EXPECT_THAT(refused({"probe", "a:1", "--knok"}), HasSubstr("did you mean --knock?"));
  EXPECT_THAT(refused({"--config", "a.yml"}), HasSubstr("did you mean --config.file or --config.check?"));
  EXPECT_THAT(refused({"--port=1"}), Not(HasSubstr("did you mean")));
  EXPECT_THAT(refused({"--web.listen-address=10219"}), HasSubstr("write :10219"));
  EXPECT_NE(refused({"--config.file=a", "--config.file=b"}), "");
}

TEST(CommandLine, PrintsHelpAndVersion) {
  const auto help = std::get<Exit>(parse_command_line(Arguments{"--help"}, ""));
  EXPECT_EQ(help.code, 0);
  for (const char* flag :
       {"--config.file", "--web.listen-address", "--web.config.file", "--web.systemd-socket", "--web.probe-listen-address",
        "--web.telemetry-listen-address", "--web.external-url", "--web.enable-lifecycle", "--log.level", "--log.format",
        "--config.check", "--shard", "--timeout-offset", "--version", "probe", "check-config"})
    EXPECT_THAT(help.text, HasSubstr(flag));
  EXPECT_EQ(std::get<Exit>(parse_command_line(Arguments{"-h"}, "")).text, help.text);
  for (const char* flag : {"--help", "-h"}) {
    EXPECT_THAT(std::get<Exit>(parse_command_line(Arguments{"probe", flag}, "")).text, HasSubstr("--server-name"));
    EXPECT_EQ(std::get<Exit>(parse_command_line(Arguments{"check-config", flag}, "")).code, 0) << flag;
  }
  const auto version_text = std::get<Exit>(parse_command_line(Arguments{"--version"}, ""));
  EXPECT_EQ(version_text.code, 0);
  EXPECT_EQ(version_text.text, build_line() + "\n");
}

}  // namespace
}  // namespace exporter
