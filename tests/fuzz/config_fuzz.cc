// Any bytes at all are a configuration or a ConfigurationError.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const config::Vocabulary vocabulary{
      .protocols = {"tls", "https"}, .findings = {"expired"}, .reserved_labels = {"target"}};
  try {
    (void)config::load_text({reinterpret_cast<const char*>(data), size}, "fuzz.yml", vocabulary);
  } catch (const config::ConfigurationError&) {
  }
  return 0;
}
