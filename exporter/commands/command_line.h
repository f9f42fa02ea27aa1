// What was asked for on the command line, as values: flags named as other Prometheus exporters name them, and the commands
// `probe`, `inventory`, `check-config`, `callers`, `dependents` and `rotation`. Parsing touches nothing: no file, no socket, no
// output.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/address.h"
#include "exporter/commands/callers_command.h"
#include "exporter/commands/dependents_command.h"
#include "exporter/commands/rotation_command.h"
#include "exporter/log.h"
#include "exporter/schedule/shard.h"

namespace exporter {

enum class ReportFormat { text, json };

// No command: watch the estate and serve what was seen.
struct Serve {
  std::vector<config::Address> listen;              // never empty; an empty host means all addresses, port 0 a free port
  std::string web_config_file;                      // empty: plain HTTP
  bool systemd_socket = false;                      // take the sockets of systemd instead of `listen`
  std::optional<config::Address> probe_listen;      // plain health endpoints, for kubelet
  std::optional<config::Address> telemetry_listen;  // prometheus-cpp's own way; an empty host means loopback
  std::string external_url;                         // empty: as the request says
  bool enable_lifecycle = false;                    // POST /-/reload
  Shard shard;
  std::chrono::milliseconds timeout_offset{500};  // /probe answers this long before the scrape would time out
};

// `probe`: one server, or the whole configuration, once, explained to a person.
struct ProbeOnce {
  std::string server;  // HOST:PORT, or the name of a configured target; empty exactly with `all`
  std::string module;  // empty: the target's own, or `default`
  std::string identity;
  std::string certificate_file;
  std::string key_file;  // empty: in certificate_file
  std::string trust;     // the name of a trust store, or a CA file
  std::string server_name;
  std::string address;             // connect here instead of where the name resolves to
  std::chrono::milliseconds at{};  // judge as of now plus this
  bool all = false;                // every target, configured or discovered, with each of its identities
  bool knock = false;              // also knock at the door: without a certificate, and with a rogue one
  ReportFormat format = ReportFormat::text;
};

enum class InventoryFormat { json, csv, cyclonedx };

// `inventory`: every certificate of the configuration once, with every place.
struct TakeInventory {
  InventoryFormat format = InventoryFormat::json;
  bool probe = true;  // also what the targets serve, and who is discovered; false: nothing is connected to
};

// `check-config FILE`, or --config.check.
struct CheckConfig {
  std::string file;
};

struct CommandLine {
  std::string config_file = "mtls_exporter.yml";
  bool config_file_given = false;  // named by the user, who then wants it read
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::logfmt;
  std::variant<Serve, ProbeOnce, TakeInventory, CheckConfig, ListCallers, ListDependents, ShowRotation> command;
};

// Nothing to run: print `text` (to standard output when `code` is 0, else to standard error) and exit with `code`: 0 after --help
// and --version, 2 when the command line is wrong.
struct Exit {
  int code = 0;
  std::string text;
};

// `arguments` without the program's name. `hostname` is this machine's: --shard=hostname/COUNT takes the ordinal at its end.
[[nodiscard]] std::variant<CommandLine, Exit> parse_command_line(std::span<const std::string> arguments,
                                                                 std::string_view hostname);

}  // namespace exporter
