// What the PKI engine of Vault answers, read: https://developer.hashicorp.com/vault/api-docs/secret/pki. Answers are foreign
// bytes: nothing here throws, and what is no answer is none. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exporter::vault {

// Keys of one list at most: what is above is left out.
inline constexpr std::size_t most_keys = 200'000;

// The keys of a list, each of letters, digits and "-_.:", so that they may stand in a path; others are left out. Absent: it is
// no list.
[[nodiscard]] std::optional<std::vector<std::string>> keys_in(std::string_view body);

// A list that has nothing in it is answered with status 404 and no error, and so is what is not there.
[[nodiscard]] bool is_nothing(int status, std::string_view body);

// Whether it is the answer of a version that does not know the question; what is not mounted has another one.
[[nodiscard]] bool is_unsupported(int status, std::string_view body);

// GET cert/SERIAL, and issuer/ID/json.
struct Certificate {
  std::string pem;
  bool revoked = false;
  bool operator==(const Certificate&) const = default;
};
[[nodiscard]] std::optional<Certificate> certificate_in(std::string_view body);

// GET roles/NAME: whether what is issued by it is kept. Absent: it is no role.
[[nodiscard]] std::optional<bool> keeps_in(std::string_view body);

// What Vault says is wrong, in one line of 300 bytes at most; "" where it says nothing.
[[nodiscard]] std::string errors_in(std::string_view body);

// A serial as Vault writes it ("17:67:16:b0" or with hyphens) as lower-case hexadecimal without zeros before it; "" where it is
// none. Takes what it returns, too.
[[nodiscard]] std::string serial_of(std::string_view written);

}  // namespace exporter::vault
