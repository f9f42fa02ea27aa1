// scan_bench [FILES]: how long it takes to scan a folder of PEM files, each with a certificate of its own, how long when nothing
// has changed, and what is kept in memory. Prints one line of JSON.
#include <malloc.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "probes/inventory/scan.h"
#include "tests/support/test_ca.h"

namespace {

// CPU time of this thread: others may be using the machine.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double seconds_of(const auto& work) {
  const double start = now();
  work();
  return now() - start;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tests::support;
  const int files = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const TemporaryFolder folder;
  {
    const Issued authority = root();
    for (int number = 0; number < files; ++number) {
      const std::string name = "service-" + std::to_string(number) + ".estate.internal";
      const std::string where = "team-" + std::to_string(number % 100) + "/" + name + ".pem";
      folder.write(where, pem(issue({.common_name = name, .names = {"DNS:" + name}}, &authority).certificate.get()));
    }
  }
  probes::inventory::FileScanner scanner({.paths = {folder.path() + "/**/*.pem"}});
  const auto before = mallinfo2().uordblks;
  const double first = seconds_of([&] { scanner.scan(); });
  const double bytes = static_cast<double>(mallinfo2().uordblks - before) / files;
  const double again = seconds_of([&] { scanner.scan(); });
  std::printf(
      "{\"files\": %zu, \"first_scan_cpu_seconds\": %.2f, \"rescan_cpu_seconds\": %.2f, \"bytes_per_certificate\": %.0f}\n",
      scanner.files().size(), first, again, bytes);
}
