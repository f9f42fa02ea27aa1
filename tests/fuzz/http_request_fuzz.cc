// Reads the input as what a client sends: once whole, once in pieces. Both readings must agree. What a complete request says
// in its headers is read too.
// libFuzzer: clang++-14 -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I. tests/fuzz/http_request_fuzz.cc
//            exporter/web/{request_reader,target,negotiate,passwords}.cc -lz -lcrypt -lcrypto -o http_request_fuzz
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporter/web/negotiate.h"
#include "exporter/web/passwords.h"
#include "exporter/web/request_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using exporter::web::RequestReader;
  using State = RequestReader::State;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RequestReader whole;
  const State state = whole.take(bytes);
  RequestReader pieces;
  State last = State::more;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t piece = 1 + static_cast<unsigned char>(bytes[at]) % 7;
    last = pieces.take(bytes.substr(at, piece));
    at += piece;
  }
  if (state != last) std::abort();
  if (state == State::complete) {
    const auto& request = whole.request();
    if (!request.path.starts_with('/')) std::abort();
    (void)exporter::web::format(request.header("accept"));
    (void)exporter::web::accepts_gzip(request.header("accept-encoding"));
    (void)exporter::web::basic_credentials(request.header("authorization"));
  }
  if (state == State::refused && whole.refusal().status < 400) std::abort();
  return 0;
}
