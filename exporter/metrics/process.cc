#include "exporter/metrics/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace exporter::metrics {

namespace {

std::string content(const char* path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The fields of /proc/self/stat from the third on: the second is the program's name in parentheses, which may hold anything.
std::vector<std::string> stat_fields() {
  const std::string text = content("/proc/self/stat");
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(text.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

double boot_time() {
  std::ifstream stream("/proc/stat");
  for (std::string word; stream >> word;)
    if (double seconds = 0; word == "btime" && stream >> seconds) return seconds;
  return 0;
}

std::optional<double> count_open() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end; entry.increment(error))
    ++count;
  if (error) return std::nullopt;
  return count - 1;  // the one used for counting
}

std::optional<double> limit_of_open() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity() : static_cast<double>(limit.rlim_cur);
}

}  // namespace

std::optional<Process> read_process() {
  // proc(5), counted from 1: utime 14, stime 15, starttime 22, vsize 23, rss 24.
  const std::vector<std::string> fields = stat_fields();
  if (fields.size() < 22) return std::nullopt;
  const auto field = [&](std::size_t number) { return std::stod(fields[number - 3]); };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return Process{.cpu_seconds = (field(14) + field(15)) / ticks,
                 .start_time_seconds = boot_time() + field(22) / ticks,
                 .virtual_bytes = field(23),
                 .resident_bytes = field(24) * static_cast<double>(sysconf(_SC_PAGESIZE)),
                 .open_fds = count_open(),
                 .max_fds = limit_of_open()};
}

}  // namespace exporter::metrics
