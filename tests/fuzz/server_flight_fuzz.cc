// Reads the input as what a server answers to a first look. Its first byte says how large the pieces are that the rest comes in:
// whole or in pieces, it must end in the same way. Seeds of real servers: MTLS_FLIGHT_SEEDS=FOLDER look_test.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "probes/look/flight_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace probes::look;
  if (size < 1) return 0;
  const std::string_view said(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = 1 + data[0] % 64;
  FlightReader whole, broken;
  whole.push(said);
  for (std::size_t at = 0; at < said.size(); at += piece) broken.push(said.substr(at, piece));
  if (whole.flight() != broken.flight()) std::abort();
  const auto* look = std::get_if<Look>(&whole.flight());
  if (look == nullptr) return 0;
  std::size_t kept = 0;
  for (const auto* list : {&look->certificates, &look->acceptable})
    for (const std::string& one : *list) kept += one.size();
  if (look->certificates.empty() || kept > size || (!look->asks && !look->acceptable.empty())) std::abort();
  return 0;
}
