// Revocation lists from files and, one day, from strangers: read, looked into, and asked who signed them.
#include <openssl/err.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "probes/revocation/list.h"
#include "probes/revocation/scope.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using probes::revocation::List;
  const auto list = List::read({reinterpret_cast<const char*>(data), size});
  if (ERR_peek_error() != 0) std::abort();
  if (!list) return 0;
  ASN1_INTEGER* serial = ASN1_INTEGER_new();
  ASN1_INTEGER_set(serial, 1);
  (void)list->find(list->issuer(), serial);
  ASN1_INTEGER_free(serial);
  if (updates(*list, *list)) std::abort();  // a list is no delta of itself
  if (list->bytes() > sizeof(List) + 2048 + 4 * size) std::abort();
  return 0;
}
