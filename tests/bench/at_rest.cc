// at_rest index ROWS | files COUNT: what a CA's database takes to read, and what a certificate at rest takes in memory at lean,
// text included. Prints one line of JSON; no test.
#include <malloc.h>
#include <sys/resource.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "exporter/at_rest/at_rest.h"
#include "exporter/at_rest/file_reader.h"
#include "exporter/metrics/scrape.h"
#include "probes/inventory/openssl_index.h"
#include "tests/support/an_estate.h"
#include "tests/support/test_ca.h"

namespace {

using namespace tests::support;

double cpu(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double most_resident_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// One row in a hundred revoked, one in three renewed, ends spread over two years.
void index(std::size_t rows) {
  const TemporaryFolder folder;
  const config::Authority settings{.name = "vpn", .openssl_index = folder.path() + "/index.txt"};
  {
    std::ofstream file(settings.openssl_index);
    for (std::size_t row = 0; row < rows; ++row) {
      char line[256];
      const char* const end =
          row % 100 == 0 ? "R\t27%02zu%02zu120000Z\t261001000000Z,keyCompromise\t" : "V\t27%02zu%02zu120000Z\t\t";
      std::snprintf(line, sizeof line, end, row % 12 + 1, row % 28 + 1);
      file << line;
      std::snprintf(line, sizeof line, "%032zX\tunknown\t/C=DE/O=Example Industries/OU=Field/CN=device-%zu.vpn.example\n", row,
                    row % (rows * 2 / 3 + 1));
      file << line;
    }
  }
  const double before = most_resident_megabytes(), start = cpu(CLOCK_THREAD_CPUTIME_ID);
  const auto read = probes::inventory::read_openssl_index(settings, std::chrono::floor<std::chrono::seconds>(today));
  const double seconds = cpu(CLOCK_THREAD_CPUTIME_ID) - start;
  std::uint64_t counted = 0;
  for (const std::uint64_t count : read.counts) counted += count;
  std::printf("{\"rows\": %zu, \"counted\": %zu, \"published\": %zu, \"cpu_seconds\": %.3f, \"peak_megabytes\": %.1f}\n", rows,
              static_cast<std::size_t>(counted), read.published.size(), seconds, most_resident_megabytes() - before);
}

void files(std::size_t count) {
  const TemporaryFolder folder;
  const Issued authority = root("Example Industries Issuing CA");
  for (std::size_t number = 0; number < count; ++number) {
    const std::string name = "service-" + std::to_string(number) + ".internal.example";
    folder.write("ssl/" + name + ".pem",
                 pem(issue({.common_name = name, .names = {"DNS:" + name}}, &authority).certificate.get()));
  }
  malloc_trim(0);
  const auto before = mallinfo2().uordblks;
  config::Settings settings = settings_of({}, config::Detail::lean);
  settings.files["web"] = {
      .name = "web", .paths = {folder.path() + "/ssl"}, .interval = std::chrono::hours(1), .publish = {.max_series = count}};
  exporter::Estate estate;
  exporter::AtRest at_rest(
      estate, [] { return std::make_shared<const exporter::Materials>(); }, exporter::file_reader,
      [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); });
  estate.adopt(settings);
  const double start = cpu(CLOCK_PROCESS_CPUTIME_ID);
  at_rest.adopt(settings);
  while (!at_rest.scanned_once()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const double seconds = cpu(CLOCK_PROCESS_CPUTIME_ID) - start;
  std::this_thread::sleep_for(std::chrono::seconds(2));  // what a scan takes for a moment is given back
  const double bytes = static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(count);
  const std::string text =
      exporter::metrics::text_of({estate.texts(today), exporter::metrics::families(), exporter::metrics::Format::text, today});
  std::printf("{\"certificates\": %zu, \"scan_cpu_seconds\": %.3f, \"bytes_each\": %.0f, \"text_each\": %.0f}\n", count, seconds,
              bytes, static_cast<double>(text.size()) / static_cast<double>(count));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "index";
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1000;
  if (what == "files") files(count);
  else index(count);
}
