// Reads the #include lines of the tree and keeps the rooms' rules true.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

// A room, and the includes it may not have: the longest matching folder's row applies, besides those of the folders above it.
struct Rule {
  std::string room;
  std::vector<std::string> forbidden;  // regular expressions over the included path
};

const std::string openssl = "openssl/.*";
const std::string asio = "asio(/.*|\\.hpp)";
const std::string prometheus = "prometheus/.*";
const std::string sqlite = "sqlite3\\.h";
const std::string yaml = "yaml-cpp/.*";

// What a room of exporter/ may include of exporter/: itself, these rooms, and the few headers that belong to no room.
std::string only(const std::string& rooms) {
  return "exporter/(?!(" + rooms + ")/|(journal|log|heartbeat|version|vocabulary)\\.h).*";
}

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table = {
      {"config/", {"probes/.*", "exporter/.*", openssl, asio, prometheus}},
      {"probes/", {"exporter/.*", prometheus, yaml, sqlite}},
      {"probes/bytes/", {"config/.*", "probes/(?!bytes/).*", openssl, asio}},
      {"probes/observations/", {"config/.*", "probes/(?!observations/).*", openssl, asio}},
      {"probes/look/", {"config/.*", "probes/(?!bytes/|look/).*", openssl}},
      {"probes/net/", {"config/.*", "probes/(?!bytes/|observations/|net/).*", openssl}},
      {"probes/protocols/", {"probes/(?!bytes/|observations/|net/|protocols/).*", openssl}},
      {"exporter/estate/", {only("estate|metrics"), openssl, asio}},
      {"exporter/metrics/", {only("metrics|estate|web"), openssl, asio}},  // web: how a scrape is delivered
      {"exporter/materials/", {only("materials|storage|estate")}},
      {"exporter/schedule/", {only("schedule|materials|estate|metrics")}},
      {"exporter/at_rest/", {only("at_rest|cluster|materials|estate|metrics"), asio}},
      {"exporter/callers/", {only("callers|storage|materials|estate|metrics"), asio}},
      {"exporter/renewals/", {only("renewals|storage|estate|metrics"), openssl, asio}},
      {"exporter/storage/", {only("storage"), "config/.*", "probes/(?!observations/).*", openssl, asio, prometheus}},
      {"exporter/cluster/", {only("cluster|materials"), asio}},
      {"exporter/discovery/", {only("discovery|cluster|materials|estate")}},
      {"exporter/explain/", {only("explain|estate|metrics|commands")}},  // commands: what was asked, as values
      {"exporter/api/", {only("api|explain|estate|metrics"), openssl, asio}},
      {"exporter/inventory/", {only("inventory|estate|explain|metrics"), openssl, asio}},
      {"exporter/on_demand/", {only("on_demand|explain|materials|estate|metrics|web")}},
      {"exporter/web/", {only("web|metrics")}},  // it shows and decides nothing: what it shows is handed to it as functions
      {"exporter/commands/", {only("commands|at_rest|discovery|explain|inventory|materials|schedule|estate|metrics")}},
      {"exporter/telemetry/", {only("telemetry|api|estate|metrics|web"), openssl, asio}},
      {"exporter/", {yaml, sqlite}},
  };
  return table;
}

std::vector<std::string> includes(const fs::path& file) {
  static const std::regex line_pattern("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"].*");
  std::ifstream stream(file);
  std::vector<std::string> found;
  std::smatch match;
  for (std::string line; std::getline(stream, line);)
    if (std::regex_match(line, match, line_pattern)) found.push_back(match[1]);
  return found;
}

bool reads_yaml(const std::string& file) { return file == "config/yaml.cc" || file.starts_with("config/yaml_advice."); }

std::vector<std::string> violations(const std::string& file, const std::vector<std::string>& included) {
  std::vector<std::string> found;
  for (const Rule& rule : rules()) {
    if (!file.starts_with(rule.room)) continue;
    for (const std::string& path : included) {
      const bool yaml_reader = reads_yaml(file) && path.starts_with("yaml-cpp/");
      const bool database = file == "exporter/storage/database.cc" && path == "sqlite3.h";
      const bool broken = std::any_of(rule.forbidden.begin(), rule.forbidden.end(),
                                      [&](const std::string& pattern) { return std::regex_match(path, std::regex(pattern)); });
      if (broken && !yaml_reader && !database) found.push_back(file + " includes " + path);
    }
  }
  if (file.starts_with("config/") && !reads_yaml(file))
    for (const std::string& path : included)
      if (path.starts_with("yaml-cpp/"))
        found.push_back(file + " includes " + path + "; only config/yaml.cc and what it says of mistakes read YAML");
  return found;
}

std::vector<std::string> sources() {
  std::vector<std::string> found;
  for (const char* room : {"config", "probes", "exporter"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(MTLS_SOURCE_DIR) / room))
      if (const auto extension = entry.path().extension(); extension == ".cc" || extension == ".h")
        found.push_back(fs::relative(entry.path(), MTLS_SOURCE_DIR).string());
  return found;
}

TEST(Architecture, IncludesPointOneWay) {
  std::vector<std::string> found;
  for (const std::string& file : sources())
    for (std::string& violation : violations(file, includes(fs::path(MTLS_SOURCE_DIR) / file)))
      found.push_back(std::move(violation));
  for (const std::string& violation : found) ADD_FAILURE() << violation;
  EXPECT_GT(sources().size(), 10u);
}

TEST(Architecture, ARuleThatIsBrokenIsSeen) {
  EXPECT_FALSE(violations("probes/tls/x.cc", {"exporter/estate/estate.h"}).empty());
  EXPECT_FALSE(violations("probes/observations/x.h", {"openssl/ssl.h"}).empty());
  EXPECT_FALSE(violations("exporter/metrics/x.cc", {"asio/awaitable.hpp"}).empty());
  EXPECT_FALSE(violations("config/load.cc", {"yaml-cpp/yaml.h"}).empty());
  EXPECT_FALSE(violations("exporter/callers/x.cc", {"sqlite3.h"}).empty());
  EXPECT_TRUE(violations("exporter/storage/database.cc", {"sqlite3.h"}).empty());
  EXPECT_TRUE(violations("config/yaml.cc", {"yaml-cpp/yaml.h"}).empty());
  EXPECT_TRUE(violations("exporter/estate/estate.h", {"probes/observations/handshake.h"}).empty());
}

// A file that belongs to no room is for the whole program.
TEST(Architecture, ExporterItselfHoldsOnlyWhatBelongsToNoRoom) {
  const std::vector<std::string> allowed = {"main",   "service",   "descriptor_budget", "journal", "log",     "memory",
                                            "notify", "heartbeat", "revision",          "serve",   "version", "vocabulary"};
  for (const auto& entry : fs::directory_iterator(fs::path(MTLS_SOURCE_DIR) / "exporter")) {
    const std::string stem = entry.path().stem().string();
    if (!entry.is_regular_file() || entry.path().filename() == "CMakeLists.txt") continue;
    EXPECT_NE(std::find(allowed.begin(), allowed.end(), stem), allowed.end()) << entry.path();
  }
}

TEST(Architecture, TheTopLevelIsWhatTheReadmePromises) {
  const std::vector<std::string> allowed = {"CMakeLists.txt", "exporter",        "probes",      "config",    "deploy",
                                            "grafana",        "tests",           "Dockerfile",  "README.md", "LICENSE",
                                            "CHANGELOG.md",   "CONTRIBUTING.md", "SECURITY.md", "docs"};
  for (const auto& entry : fs::directory_iterator(MTLS_SOURCE_DIR)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") || name.starts_with("build")) continue;
    EXPECT_NE(std::find(allowed.begin(), allowed.end(), name), allowed.end()) << name;
  }
}

// Its nanoseconds end in 2262 and certificates do not: probes/observations/wall_time.h.
TEST(Architecture, NobodyElseAsksTheSystemsClock) {
  for (const std::string& file : sources()) {
    std::ifstream stream(fs::path(MTLS_SOURCE_DIR) / file);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const bool asks =
        text.find("system_clock") != std::string::npos || text.find("sys_time<std::chrono::nanoseconds>") != std::string::npos;
    EXPECT_EQ(asks, file == "probes/observations/wall_time.h") << file;
  }
}

// Template-heavy headers in our own headers slow every build.
TEST(Architecture, HeavyHeadersStayOutOfOurHeaders) {
  static const std::regex heavy("(CLI/.*|curl/.*|nlohmann/json\\.hpp|spdlog/.*|asio\\.hpp|boost/.*)");
  for (const std::string& file : sources()) {
    if (!file.ends_with(".h")) continue;
    for (const std::string& path : includes(fs::path(MTLS_SOURCE_DIR) / file))
      EXPECT_FALSE(std::regex_match(path, heavy)) << file << " includes " << path;
  }
}

}  // namespace
