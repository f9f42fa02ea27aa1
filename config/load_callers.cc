// callers: where the servers tell who calls them. Names are unique: they are the `target` of their callers' series.
#include <algorithm>
#include <charconv>

#include "config/sections.h"
#include "config/unique_names.h"

namespace config {
namespace {

void take_syslog(const Node& node, Callers& callers, Reading& reading) {
  std::string text;
  if (!take(node, text, reading.mistakes)) return;
  auto parsed = parse_syslog_socket(text);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) reading.mistakes.add(node.place(), *wrong, "");
  else callers.syslog = std::get<SyslogSocket>(std::move(parsed));
}

void take_socket_mode(const Node& node, Callers& callers, Reading& reading) {
  std::string text;
  if (!take(node, text, reading.mistakes)) return;
  int mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc() || end != text.data() + text.size() || mode < 0 || mode > 0777)
    reading.mistakes.add(node.place(), quote(text) + " is no file mode", "write three octal digits: \"660\" or \"666\"");
  else callers.socket_mode = mode;
}

void take_callers_trust(const Node& node, Callers& callers, Reading& reading) {
  if (check_word(node, "trust store", names(reading.settings.trust), reading.mistakes)) callers.trust = node.text();
}

void take_callers_authorities(const Node& node, Callers& callers, Reading& reading) {
  if (!take(node, callers.authorities, reading.mistakes)) return;
  for (const Node& item : node.items()) check_word(item, "authority", names(reading.settings.authorities), reading.mistakes);
}

template <auto member, int from, int to>
void size_into(const Node& node, Callers& callers, Reading& reading) {
  if (int number = 0; take_integer(node, from, to, number, reading.mistakes)) callers.*member = static_cast<std::size_t>(number);
}

constexpr Field<Callers> fields[] = {
    {"name", name_into},
    {"log_files", paths_into<&Callers::log_files>},
    {"syslog", take_syslog},
    {"socket_mode", take_socket_mode},
    {"socket_group", into<&Callers::socket_group>},
    {"trust", take_callers_trust},
    {"authorities", take_callers_authorities},
    {"addresses", size_into<&Callers::addresses, 0, 1000>},
    {"keep", into<&Callers::keep>},
    {"max_series", size_into<&Callers::max_series, 1, 100'000>},
    {"lines_per_second", size_into<&Callers::lines_per_second, 1, 1'000'000>},
    {"labels", labels_into<&Callers::labels>},
};

void check_callers(const Node& node, const Callers& callers, Mistakes& mistakes) {
  if (node.find("name") == nullptr)
    mistakes.add(node.place(), "callers without a `name`", "give them one: it labels their series");
  const Node* files = node.find("log_files");
  const bool any_file = files != nullptr && !(files->is_sequence() && files->items().empty());
  if (!any_file && node.find("syslog") == nullptr)
    mistakes.add(node.place(), "callers " + quote(callers.name) + " have neither `log_files` nor `syslog`",
                 "give them one: where the server's log is read");
  const bool is_unix = callers.syslog.kind == SyslogSocket::Kind::unix_datagram ||
                       callers.syslog.kind == SyslogSocket::Kind::unix_stream || callers.syslog.kind == SyslogSocket::Kind::none;
  for (const char* key : {"socket_mode", "socket_group"})
    if (const Node* written = node.find(key); written != nullptr && (!is_unix || node.find("syslog") == nullptr))
      mistakes.add(written->place(), "`" + std::string(key) + "` without a Unix socket", "leave it out");
}

// No two doors read one file or socket: each line would count twice, or go to one of them by chance.
class Sources {
 public:
  explicit Sources(Mistakes& mistakes) : mistakes_(mistakes) {}

  void add(const Node& node, const Callers& callers) {
    for (const std::string& path : callers.log_files) add(node, path, "log file " + quote(path));
    const SyslogSocket& socket = callers.syslog;
    if (socket.kind == SyslogSocket::Kind::none) return;
    const std::string where = socket.path.empty() ? std::to_string(socket.port) : socket.path;
    const bool udp = socket.kind == SyslogSocket::Kind::udp;
    add(node, (socket.path.empty() ? (udp ? "udp:" : "tcp:") : "unix:") + where, "socket " + quote(where));
  }

 private:
  void add(const Node& node, const std::string& key, const std::string& what) {
    if (std::ranges::find(seen_, key) != seen_.end())
      mistakes_.add(node.place(), "the " + what + " is read for callers already", "read it for one entry only");
    seen_.push_back(key);
  }

  Mistakes& mistakes_;
  std::vector<std::string> seen_;
};

}  // namespace

Fields<Callers> callers_fields() { return fields; }

void take_callers(const Node& node, Settings& settings, Reading& reading) {
  if (!is_list(node, reading.mistakes)) return;
  UniqueNames seen("callers", reading.mistakes);
  Sources sources(reading.mistakes);
  for (const Node& item : node.items()) {
    if (item.is_null()) reading.mistakes.add(item.place(), "callers without a `name`", "remove the dash, or give them a `name`");
    if (item.is_null() || !check_keys(item, keys(callers_fields()), reading.mistakes)) continue;
    Callers callers;
    take_fields(item, callers_fields(), callers, reading);
    check_callers(item, callers, reading.mistakes);
    sources.add(item, callers);
    if (callers.name.empty()) continue;
    seen.add(item, callers.name, "");
    for (const std::string& name : callers.authorities)
      if (const auto authority = settings.authorities.find(name); authority != settings.authorities.end())
        authority->second.ledger = true;
    settings.callers.emplace(callers.name, std::move(callers));
  }
}

}  // namespace config
