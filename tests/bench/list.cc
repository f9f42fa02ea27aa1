// list FILE: what a revocation list in DER takes to read and to keep, and what a look into it takes. Prints one line of JSON; no
// test.
#include <malloc.h>
#include <time.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "probes/revocation/list.h"

namespace {

double cpu() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Sixteen octets as large_list.py writes them: 0x40, then a counter.
void set_serial(ASN1_INTEGER* serial, std::uint64_t number) {
  unsigned char octets[16] = {0x40};
  for (int at = 15; at > 7; --at, number >>= 8) octets[at] = static_cast<unsigned char>(number);
  ASN1_STRING_set(serial, octets, sizeof octets);
}

}  // namespace

int main(int count, char** values) {
  if (count != 2) return std::fprintf(stderr, "usage: list FILE\n"), 2;
  std::ifstream file(values[1], std::ios::binary);
  const std::string der(std::istreambuf_iterator<char>(file), {});
  const auto in_use = mallinfo2().uordblks + mallinfo2().hblkhd;
  const double begun = cpu();
  const auto list = probes::revocation::List::read(der);
  const double read = cpu() - begun;
  if (!list) return std::fprintf(stderr, "%s is no revocation list\n", values[1]), 1;
  const auto kept = mallinfo2().uordblks + mallinfo2().hblkhd - in_use;

  constexpr int looks = 1'000'000;
  std::mt19937_64 random(1);
  ASN1_INTEGER* serial = ASN1_INTEGER_new();
  int found = 0;
  const double before = cpu();
  for (int i = 0; i < looks; ++i) {
    set_serial(serial, random() % (2 * list->entries() + 1));  // every other one is listed
    found += list->find(list->issuer(), serial) ? 1 : 0;
  }
  const double looked = cpu() - before;
  ASN1_INTEGER_free(serial);
  std::printf(R"({"entries": %zu, "read_cpu_seconds": %.3f, "bytes_an_entry": %.1f, "look_microseconds": %.3f, "found": %d})"
              "\n",
              static_cast<std::size_t>(list->entries()), read, static_cast<double>(kept) / static_cast<double>(list->entries()),
              1e6 * looked / looks, found);
  return 0;
}
