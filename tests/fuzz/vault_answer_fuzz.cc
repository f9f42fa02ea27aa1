// Any bytes at all are an answer of Vault's or none.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/at_rest/vault_answers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace exporter::vault;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)keys_in(text);
  (void)is_nothing(404, text);
  (void)certificate_in(text);
  (void)keeps_in(text);
  (void)errors_in(text);
  (void)serial_of(text);
  return 0;
}
