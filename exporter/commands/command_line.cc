#include "exporter/commands/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "config/duration.h"
#include "config/link_template.h"
#include "config/mistakes.h"
#include "exporter/version.h"

namespace exporter {
namespace {

[[noreturn]] void wrong(const std::string& text) { throw CLI::ValidationError(text); }

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// ":10219", "127.0.0.1:0" or "[::1]:10219": an address whose host may be left out and whose port may be 0.
config::Address listen_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos && number(text)) wrong("`" + text + "` is a port alone; write :" + text);
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool any_port = port == "0";
  const std::string host = colon == 0 ? "localhost" : text.substr(0, colon);
  auto parsed = config::parse_address(colon == std::string::npos ? text : host + ":" + (any_port ? "1" : port));
  if (const auto* mistake = std::get_if<std::string>(&parsed)) wrong(*mistake);
  auto& address = std::get<config::Address>(parsed);
  if (any_port) address.port = 0;
  if (colon == 0) address.host.clear();
  return address;
}

// A StatefulSet names its pods NAME-0, NAME-1, ...
std::optional<unsigned> ordinal(std::string_view hostname) {
  hostname = hostname.substr(0, hostname.find('.'));
  const std::size_t dash = hostname.rfind('-');
  return dash == std::string_view::npos ? std::nullopt : number(hostname.substr(dash + 1));
}

Shard shard(const std::string& text, std::string_view hostname) {
  const std::size_t slash = text.find('/');
  const std::string index_text = text.substr(0, slash);
  const auto count = slash == std::string::npos ? std::nullopt : number(std::string_view(text).substr(slash + 1));
  const auto index = index_text == "hostname" ? ordinal(hostname) : number(index_text);
  if (index_text == "hostname" && !index)
    wrong("the host name `" + std::string(hostname) + "` ends in no ordinal; write INDEX/COUNT");
  if (!index || !count) wrong("`" + text + "` is no shard; write INDEX/COUNT, like 0/3, or hostname/COUNT");
  const Shard found{index.value_or(0), count.value_or(0)};
  if (found.index >= found.count) wrong("shard " + text + " does not exist; the index goes from 0 to COUNT-1");
  return found;
}

std::chrono::milliseconds seconds(const std::string& text) {
  double value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 3600))
    wrong("`" + text + "` is no number of seconds; write one like 0.5");
  return std::chrono::milliseconds(static_cast<std::int64_t>(value * 1000));
}

std::chrono::milliseconds offset(const std::string& text) {
  const bool sign = text.starts_with('+') || text.starts_with('-');
  const auto parsed = config::parse_duration(std::string_view(text).substr(sign ? 1 : 0));
  if (const auto* mistake = std::get_if<std::string>(&parsed)) wrong(*mistake);
  const auto duration = std::get<std::chrono::milliseconds>(parsed);
  return text.starts_with('-') ? -duration : duration;
}

// Links are made by adding to it: it ends with its path.
std::string external_url(const std::string& text) {
  std::string mistake = config::wrong_with_url(text);
  if (mistake.empty() && text.find_first_of("?#") != std::string::npos)
    mistake = "it goes on after its path; leave `?` and `#` out";
  if (!mistake.empty()) wrong("`" + text + "` is not how people reach this exporter: " + mistake);
  return text;
}

// An option that takes one word of a list.
template <typename Value>
void add_word(CLI::App& app, const std::string& flag, Value& into, const std::vector<std::pair<std::string, Value>>& words,
              const std::string& help) {
  std::string choices;
  for (const auto& [word, value] : words) choices += (choices.empty() ? "" : ", ") + word;
  const auto take = [&into, words, choices](const std::string& text) {
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto& entry) { return entry.first == text; });
    if (found == words.end()) wrong("`" + text + "` is not among " + choices);
    into = found->second;
  };
  app.add_option_function<std::string>(flag, take, help + " (" + choices + ")")->type_name("WORD");
}

void add_common(CLI::App& app, CommandLine& line) {
  app.add_option("--config.file", line.config_file, "Configuration file (" + line.config_file + " unless told)")
      ->type_name("FILE");
  add_word<LogLevel>(app, "--log.level", line.log_level,
                     {{"debug", LogLevel::debug},
                      {"info", LogLevel::info},
                      {"warn", LogLevel::warn},
                      {"warning", LogLevel::warn},
                      {"error", LogLevel::error}},
                     "Log this and worse");
  add_word<LogFormat>(app, "--log.format", line.log_format, {{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}},
                      "How a log line is written");
}

void add_serve(CLI::App& app, Serve& serve, std::string_view hostname) {
  app.add_option_function<std::vector<std::string>>(
         "--web.listen-address",
         [&serve](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) serve.listen.push_back(listen_address(text));
         },
         "Listen here; may be repeated (:10219, 127.0.0.1:0, [::1]:10219) [:10219]")
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  app.add_option("--web.config.file", serve.web_config_file, "TLS, client certificates and passwords of the endpoints")
      ->type_name("FILE");
  app.add_flag("--web.systemd-socket", serve.systemd_socket, "Listen on the sockets that systemd passes");
  app.add_option_function<std::string>(
         "--web.probe-listen-address", [&serve](const std::string& text) { serve.probe_listen = listen_address(text); },
         "Plain /-/healthy and /-/ready here, for kubelet")
      ->type_name("ADDRESS");
  app.add_option_function<std::string>(
         "--web.telemetry-listen-address", [&serve](const std::string& text) { serve.telemetry_listen = listen_address(text); },
         "A small /metrics here: the exporter itself and the estate in numbers; plain HTTP, loopback unless an address is "
         "written")
      ->type_name("ADDRESS");
  app.add_option_function<std::string>(
         "--web.external-url", [&serve](const std::string& text) { serve.external_url = external_url(text); },
         "How people reach this exporter, for links that lead here")
      ->type_name("URL");
  app.add_flag("--web.enable-lifecycle", serve.enable_lifecycle,
               "Allow POST /-/reload, probes from the page, and callers to be forgotten");
  app.add_option_function<std::string>(
         "--shard", [&serve, host = std::string(hostname)](const std::string& text) { serve.shard = shard(text, host); },
         "Watch one share of the targets; INDEX from 0, or hostname/COUNT")
      ->type_name("INDEX/COUNT");
  app.add_option_function<std::string>(
         "--timeout-offset", [&serve](const std::string& text) { serve.timeout_offset = seconds(text); },
         "Answer a scrape that probes this long before its timeout [0.5]")
      ->type_name("SECONDS");
}

CLI::App& add_probe(CLI::App& app, ProbeOnce& probe) {
  CLI::App& command = *app.add_subcommand("probe", "Probe one server once and explain the result: 0 good, 1 a finding, 2 usage");
  CLI::Option* server = command.add_option("server", probe.server, "HOST:PORT, or the name of a configured target");
  server->type_name("HOST:PORT|TARGET");
  CLI::Option* module = command.add_option("--module", probe.module, "How to probe: a module of the configuration");
  CLI::Option* identity = command.add_option("--identity", probe.identity, "Offer this identity of the configuration");
  CLI::Option* certificate = command.add_option("--cert", probe.certificate_file, "Offer this client certificate")
                                 ->type_name("FILE")
                                 ->excludes(identity);
  command.add_option("--key", probe.key_file, "... with this key; without it the key stands in --cert")
      ->type_name("FILE")
      ->needs(certificate);
  command.add_option("--trust", probe.trust, "Trust this store of the configuration, or this CA file")->type_name("NAME|FILE");
  CLI::Option* server_name =
      command.add_option("--server-name", probe.server_name, "SNI, and the name the certificate must carry");
  CLI::Option* address = command.add_option("--address", probe.address, "Connect to this address instead of the name's own");
  command
      .add_option_function<std::string>(
          "--at", [&probe](const std::string& text) { probe.at = offset(text); }, "Judge as of another time, like +30d")
      ->type_name("DURATION");
  CLI::Option* all =
      command.add_flag("--all", probe.all, "Probe every target, configured or discovered, with each of its identities");
  command.add_flag("--knock", probe.knock,
                   "Also try the door as those who must be turned away: without a certificate and with a rogue one");
  for (CLI::Option* about_one : {server, module, identity, certificate, server_name, address}) all->excludes(about_one);
  add_word<ReportFormat>(command, "--format", probe.format, {{"text", ReportFormat::text}, {"json", ReportFormat::json}},
                         "How the result is written");
  return command;
}

CLI::App& add_inventory(CLI::App& app, TakeInventory& inventory) {
  CLI::App& command = *app.add_subcommand(
      "inventory", "List every certificate once, with every place: 0 all of it, 1 something could not be read, 2 usage");
  add_word<InventoryFormat>(
      command, "--format", inventory.format,
      {{"json", InventoryFormat::json}, {"csv", InventoryFormat::csv}, {"cyclonedx", InventoryFormat::cyclonedx}},
      "How the list is written");
  command.add_flag_callback(
      "--no-probe", [&inventory] { inventory.probe = false; }, "Connect to nothing: leave out what the targets serve");
  return command;
}

CLI::App& add_callers(CLI::App& app, ListCallers& callers) {
  CLI::App& command = *app.add_subcommand(
      "callers", "List the client certificates that call, as the running exporter knows them: 0 done, 2 it cannot be asked");
  command.add_option("name", callers.door, "Only of this entry of `callers`")->type_name("NAME");
  command
      .add_option_function<std::string>(
          "--expiring", [&callers](const std::string& text) { callers.expiring = offset(text); },
          "Only those that still call and end within this, like 30d")
      ->type_name("DURATION");
  command
      .add_option("--forget", callers.forget, "Forget the caller of this fingerprint; the exporter needs --web.enable-lifecycle")
      ->type_name("FINGERPRINT");
  command.add_option("--exporter", callers.exporter, "The exporter that is asked [http://127.0.0.1:10219]")->type_name("URL");
  using Format = ListCallers::Format;
  add_word<Format>(command, "--format", callers.format, {{"text", Format::text}, {"json", Format::json}, {"csv", Format::csv}},
                   "How the list is written");
  return command;
}

CLI::App& add_dependents(CLI::App& app, ListDependents& dependents) {
  CLI::App& command = *app.add_subcommand(
      "dependents",
      "List what depends on a CA, as the running exporter knows it: 0 done, 2 it cannot be asked or knows no such CA");
  command.add_option("issuer", dependents.issuer, "The CA: its name (\"CN=Estate CA\"), its common name, or its key")
      ->type_name("ISSUER")
      ->required();
  command.add_option("--exporter", dependents.exporter, "The exporter that is asked [http://127.0.0.1:10219]")->type_name("URL");
  using Format = ListDependents::Format;
  add_word<Format>(command, "--format", dependents.format, {{"text", Format::text}, {"json", Format::json}},
                   "How the list is written");
  return command;
}

CLI::App& add_rotation(CLI::App& app, ShowRotation& rotation) {
  CLI::App& command = *app.add_subcommand(
      "rotation",
      "Say which step of a rotation is safe now, and what stands in the way: 0 complete, 1 something does, 2 it cannot be asked");
  command.add_option("name", rotation.name, "An entry of `rotations`")->type_name("NAME")->required();
  command.add_option("--exporter", rotation.exporter, "The exporter that is asked [http://127.0.0.1:10219]")->type_name("URL");
  using Format = ShowRotation::Format;
  add_word<Format>(command, "--format", rotation.format, {{"text", Format::text}, {"json", Format::json}}, "How it is written");
  return command;
}

// The same with every version of CLI11: some end it with an empty line.
std::string help_of(const CLI::App& app) {
  std::string text = app.help();
  while (text.ends_with('\n')) text.pop_back();
  return text + '\n';
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    for (std::string& flag : flags_of(*command)) flags.push_back(std::move(flag));
  return flags;
}

// For the first flag that is none: the one that was meant, or those that begin so.
std::string meant(const CLI::App& app, std::span<const std::string> arguments) {
  const std::vector<std::string> flags = flags_of(app);
  const std::vector<std::string_view> known(flags.begin(), flags.end());
  for (const std::string& argument : arguments) {
    const std::string_view flag = std::string_view(argument).substr(0, argument.find('='));
    if (!flag.starts_with("--") || std::find(known.begin(), known.end(), flag) != known.end()) continue;
    std::string found(config::nearest(flag, known));
    if (found.empty())
      for (const std::string_view one : known)
        if (one.starts_with(std::string(flag) + '.')) found.append(found.empty() ? "" : " or ").append(one);
    return found.empty() ? "" : "; did you mean " + found + "?";
  }
  return {};
}

}  // namespace

std::variant<CommandLine, Exit> parse_command_line(std::span<const std::string> arguments, std::string_view hostname) {
  CommandLine line;
  Serve serve;
  ProbeOnce probe;
  TakeInventory inventory;
  CheckConfig check;
  ListCallers callers;
  ListDependents dependents;
  ShowRotation rotation;
  bool check_only = false;

  CLI::App app("Watches the certificates and the doors of servers with mutual TLS, for Prometheus.", "mtls_exporter");
  app.set_help_flag("-h,--help", "Print this and exit");
  app.set_version_flag("--version", build_line(), "Print the version and exit");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_common(app, line);
  add_serve(app, serve, hostname);
  app.add_flag("--config.check", check_only, "Check the configuration file as check-config does, and exit");
  const CLI::App& probe_command = add_probe(app, probe);
  const CLI::App& inventory_command = add_inventory(app, inventory);
  CLI::App& check_command =
      *app.add_subcommand("check-config", "Check a configuration file: 0 good, 1 a file it names is unfit, 2 it is wrong");
  check_command.add_option("file", check.file, "The configuration file")->type_name("FILE")->required();

  const CLI::App& callers_command = add_callers(app, callers);
  const CLI::App& dependents_command = add_dependents(app, dependents);
  const CLI::App& rotation_command = add_rotation(app, rotation);

  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    if (probe_command.parsed() && probe.server.empty() && !probe.all)
      wrong("server is required: HOST:PORT or the name of a configured target; or --all");
  } catch (const CLI::CallForHelp&) {
    return Exit{0, help_of(app)};
  } catch (const CLI::CallForVersion&) {
    return Exit{0, build_line() + "\n"};
  } catch (const CLI::ExtrasError& error) {
    return Exit{2, "mtls_exporter: " + std::string(error.what()) + meant(app, arguments) + "\nTry mtls_exporter --help.\n"};
  } catch (const CLI::ParseError& error) {
    return Exit{2, "mtls_exporter: " + std::string(error.what()) + "\nTry mtls_exporter --help.\n"};
  }

  line.config_file_given = app.get_option("--config.file")->count() > 0;
  if (serve.listen.empty()) serve.listen.push_back({"", 10219});
  if (probe_command.parsed()) line.command = std::move(probe);
  else if (inventory_command.parsed()) line.command = inventory;
  else if (check_command.parsed()) line.command = std::move(check);
  else if (callers_command.parsed()) line.command = std::move(callers);
  else if (dependents_command.parsed()) line.command = std::move(dependents);
  else if (rotation_command.parsed()) line.command = std::move(rotation);
  else if (check_only) line.command = CheckConfig{line.config_file};
  else line.command = std::move(serve);
  return line;
}

}  // namespace exporter
