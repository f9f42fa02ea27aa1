#include "exporter/web/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

namespace exporter::web {
namespace {

constexpr std::size_t cost_at = 4;  // "$2y$10$...": two digits

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::vector<unsigned char> out(text.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  const auto padding = static_cast<int>(text.ends_with("==")  ? 2
                                        : text.ends_with("=") ? 1
                                                              : 0);  // EVP_DecodeBlock counts it as zero bytes
  if (size < padding) return std::nullopt;
  return std::string(out.begin(), out.begin() + (size - padding));
}

bool matches(const std::string& password, const std::string& hash) {
  const auto state = std::make_unique<crypt_data>();
  const char* result = crypt_r(password.c_str(), hash.c_str(), state.get());
  const bool same =
      result != nullptr && std::string_view(result).size() == hash.size() && CRYPTO_memcmp(result, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(state.get(), sizeof *state);
  return same;
}

}  // namespace

std::optional<Credentials> basic_credentials(std::string_view authorization) {
  constexpr std::string_view scheme = "basic ";
  const auto same = [](char a, char b) { return a == ((b >= 'A' && b <= 'Z') ? static_cast<char>(b - 'A' + 'a') : b); };
  if (authorization.size() < scheme.size() || !std::equal(scheme.begin(), scheme.end(), authorization.begin(), same))
    return std::nullopt;
  const auto text = base64_decoded(authorization.substr(scheme.size()));
  const auto colon = text ? text->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

Passwords::Passwords(std::map<std::string, std::string> hashes) : hashes_(std::move(hashes)) {
  for (const auto& [user, hash] : hashes_)
    if (slowest_.empty() || hash.substr(cost_at, 2) > slowest_.substr(cost_at, 2)) slowest_ = hash;
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) throw std::runtime_error("OpenSSL gives no random bytes");
}

Passwords::~Passwords() { OPENSSL_cleanse(key_.data(), key_.size()); }

Passwords::Digest Passwords::digest(const Credentials& credentials) const {
  Digest out{};
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(credentials.password.data()), credentials.password.size(), out.data(), nullptr);
  return out;
}

bool Passwords::remembers(const Credentials& credentials) const {
  const Digest asked = digest(credentials);
  const std::lock_guard lock(mutex_);
  const auto known = good_.find(credentials.user);
  return known != good_.end() && CRYPTO_memcmp(known->second.data(), asked.data(), asked.size()) == 0;
}

bool Passwords::check(const Credentials& credentials) {
  const auto known = hashes_.find(credentials.user);
  const bool same = matches(credentials.password, known == hashes_.end() ? slowest_ : known->second);
  // crypt(3) ends at a NUL: "secret\0anything" is not the password.
  const bool good = same && known != hashes_.end() && credentials.password.find('\0') == std::string::npos;
  if (!good) return false;
  const Digest now = digest(credentials);
  const std::lock_guard lock(mutex_);
  good_[credentials.user] = now;
  return true;
}

}  // namespace exporter::web
