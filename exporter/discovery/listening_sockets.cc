#include "exporter/discovery/listening_sockets.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>

namespace exporter::discovery {

namespace {

namespace fs = std::filesystem;

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

Endpoint endpoint_of(bool v4, const void* address, std::uint16_t port) {
  Endpoint endpoint{.port = port};
  if (!v4) {
    std::memcpy(endpoint.address.data(), address, 16);
  } else {
    endpoint.address[10] = endpoint.address[11] = 0xff;
    std::memcpy(endpoint.address.data() + 12, address, 4);
  }
  return endpoint;
}

bool ask(int descriptor, std::uint8_t family) {
  struct {
    nlmsghdr head;
    inet_diag_req_v2 request;
  } message{};
  message.head = {.nlmsg_len = sizeof message, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP};
  message.request.sdiag_family = family;
  message.request.sdiag_protocol = IPPROTO_TCP;
  message.request.idiag_states = 1u << TCP_LISTEN;
  return send(descriptor, &message, sizeof message, 0) == static_cast<ssize_t>(sizeof message);
}

// Up to the end of the kernel's answer; false where it refuses.
bool take_answer(int descriptor, bool v4, std::vector<ListeningSocket>& found) {
  alignas(nlmsghdr) std::array<char, 32 * 1024> bytes{};
  for (;;) {
    const ssize_t received = recv(descriptor, bytes.data(), bytes.size(), 0);
    if (received <= 0) return false;
    auto left = static_cast<unsigned>(received);
    for (auto* head = reinterpret_cast<nlmsghdr*>(bytes.data()); NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
      if (head->nlmsg_type == NLMSG_DONE) return true;
      if (head->nlmsg_type == NLMSG_ERROR || head->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return false;
      const auto* row = static_cast<const inet_diag_msg*>(NLMSG_DATA(head));
      found.push_back({.endpoint = endpoint_of(v4, row->id.idiag_src, ntohs(row->id.idiag_sport)),
                       .inode = row->idiag_inode,
                       .user = row->idiag_uid});
    }
  }
}

std::optional<std::vector<ListeningSocket>> by_netlink() {
  const Descriptor descriptor{socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
  if (descriptor.number < 0) return std::nullopt;
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  setsockopt(descriptor.number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::vector<ListeningSocket> found;
  for (const int family : {AF_INET, AF_INET6})
    if (!ask(descriptor.number, static_cast<std::uint8_t>(family)) || !take_answer(descriptor.number, family == AF_INET, found))
      return std::nullopt;
  return found;
}

std::optional<std::string> content(const fs::path& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <typename Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(line.find(' ', begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
  return words;
}

// "0100007F:1F90": each 32 bits of the address in the order of this machine.
std::optional<Endpoint> bound_to(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  const auto port = number_in<std::uint16_t>(text.substr(colon + 1), 16);
  std::array<std::uint32_t, 4> words{};
  for (std::size_t at = 0; at < colon; at += 8) {
    const auto word = number_in<std::uint32_t>(text.substr(at, 8), 16);
    if (!word) return std::nullopt;
    words.at(at / 8) = *word;
  }
  if (!port) return std::nullopt;
  return endpoint_of(colon == 8, words.data(), *port);
}

std::string user_name(std::uint32_t user) {
  std::array<char, 4096> space{};
  passwd entry{}, *found = nullptr;
  if (getpwuid_r(user, &entry, space.data(), space.size(), &found) == 0 && found != nullptr) return entry.pw_name;
  return std::to_string(user);
}

// The name of a container's control group: "docker-ID.scope", "cri-containerd-ID.scope", "libpod-ID.scope", or "/docker/ID".
std::string container_in(std::string_view path) {
  constexpr std::size_t id_size = 64, shown = 12;
  const auto is_id = [](std::string_view text) {
    return text.size() == id_size && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos; slash = path.rfind('/')) {
    std::string_view name = path.substr(slash + 1);
    path = path.substr(0, slash);
    if (name.ends_with(".scope")) name.remove_suffix(6);
    if (is_id(name)) {
      const std::string_view engine = path.substr(path.rfind('/') + 1);
      return std::string(engine == "docker" ? "docker" : "container") + ":" + std::string(name.substr(0, shown));
    }
    const std::size_t dash = name.rfind('-');
    if (dash != std::string_view::npos && is_id(name.substr(dash + 1)))
      return std::string(name.substr(0, dash)) + ":" + std::string(name.substr(dash + 1, shown));
  }
  return {};
}

}  // namespace

std::vector<ListeningSocket> listening_in(std::string_view table) {
  constexpr std::string_view listening = "0A";
  std::vector<ListeningSocket> found;
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const auto words = words_of(table.substr(0, end));
    table.remove_prefix(std::min(end + 1, table.size()));
    if (words.size() < 10 || words[3] != listening) continue;
    const auto endpoint = bound_to(words[1]);
    const auto user = number_in<std::uint32_t>(words[7]);
    const auto inode = number_in<std::uint64_t>(words[9]);
    if (endpoint && user && inode) found.push_back({.endpoint = *endpoint, .inode = *inode, .user = *user});
  }
  return found;
}

std::optional<std::vector<ListeningSocket>> listening_sockets() {
  if (auto found = by_netlink()) return found;
  const auto v4 = content("/proc/net/tcp"), v6 = content("/proc/net/tcp6");
  if (!v4) return std::nullopt;
  std::vector<ListeningSocket> found = listening_in(*v4);
  if (v6) std::ranges::move(listening_in(*v6), std::back_inserter(found));
  return found;
}

std::vector<std::uint64_t> sockets_of(const std::string& process) {
  constexpr std::string_view prefix = "socket:[";
  std::vector<std::uint64_t> found;
  std::error_code ignored;
  for (const auto& descriptor : fs::directory_iterator(fs::path(process) / "fd", ignored)) {
    const std::string link = fs::read_symlink(descriptor.path(), ignored).string();
    if (!link.starts_with(prefix) || !link.ends_with(']')) continue;
    if (const auto inode =
            number_in<std::uint64_t>(std::string_view(link).substr(prefix.size(), link.size() - prefix.size() - 1)))
      found.push_back(*inode);
  }
  return found;
}

std::map<std::uint64_t, int> holders_in(const std::string& proc) {
  constexpr int first_of_all = 1;
  std::map<std::uint64_t, int> holders;
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator(proc, ignored)) {
    const auto number = number_in<int>(process.path().filename().string());
    if (!number) continue;
    for (const std::uint64_t inode : sockets_of(process.path().string())) {
      int& holder = holders.try_emplace(inode, *number).first->second;
      if (holder == first_of_all || (*number != first_of_all && *number < holder)) holder = *number;
    }
  }
  return holders;
}

config::Holder holder_of(const std::string& proc, std::optional<int> process, std::uint32_t user) {
  config::Holder holder{.process = {}, .unit = {}, .user = user_name(user)};
  if (!process) return holder;
  const fs::path folder = fs::path(proc) / std::to_string(*process);
  holder.process = content(folder / "comm").value_or("");
  while (holder.process.ends_with('\n')) holder.process.pop_back();
  holder.unit = unit_in(content(folder / "cgroup").value_or(""));
  return holder;
}

std::string unit_in(std::string_view cgroup) {
  while (!cgroup.empty()) {
    const std::size_t end = std::min(cgroup.find('\n'), cgroup.size());
    std::string_view path = cgroup.substr(0, end);
    cgroup.remove_prefix(std::min(end + 1, cgroup.size()));
    path.remove_prefix(std::min(path.find('/'), path.size()));
    if (std::string container = container_in(path); !container.empty()) return container;
    for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos; slash = path.rfind('/')) {
      const std::string_view name = path.substr(slash + 1);
      if (name.ends_with(".service") || name.ends_with(".socket")) return std::string(name);
      path = path.substr(0, slash);
    }
  }
  return {};
}

}  // namespace exporter::discovery
