// Checks basic auth against bcrypt hashes. Hashing is slow by design, so it happens off the I/O thread, and the last good
// password of each user is remembered (as a digest under a key of this process) until the configuration changes.
// Safe from any thread.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace exporter::web {

struct Credentials {
  std::string user;
  std::string password;
};

// The credentials in an Authorization header (RFC 7617); absent when it holds none that can be read.
[[nodiscard]] std::optional<Credentials> basic_credentials(std::string_view authorization);

class Passwords {
 public:
  // `hashes` by user, valid bcrypt, at least one.
  explicit Passwords(std::map<std::string, std::string> hashes);
  ~Passwords();
  Passwords(const Passwords&) = delete;
  Passwords& operator=(const Passwords&) = delete;

  // True when these are the user's last good ones: no need to hash. Fast.
  [[nodiscard]] bool remembers(const Credentials& credentials) const;

  // Hashes and compares: tens of milliseconds. An unknown user takes as long as the slowest known one.
  [[nodiscard]] bool check(const Credentials& credentials);

 private:
  using Digest = std::array<unsigned char, 32>;
  [[nodiscard]] Digest digest(const Credentials& credentials) const;

  std::map<std::string, std::string> hashes_;
  std::string slowest_;  // the hash that costs most: what an unknown user is compared with
  Digest key_{};
  mutable std::mutex mutex_;
  std::map<std::string, Digest> good_;  // guarded by mutex_
};

}  // namespace exporter::web
