// Reads the small files that hold certificates, keys, passphrases and PINs. What was read is treated as secret: it lives in a
// Secret, which wipes its memory when released. Blocking file reads: never on a probe's thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace probes::tls {

// Bytes that are wiped when released. Moves hand the one buffer on; there are no copies.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : bytes_(size) {}
  ~Secret();
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  char* data() { return bytes_.data(); }
  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  void truncate(std::size_t size);  // REQUIRES: size <= view().size()

 private:
  std::vector<char> bytes_;
};

// A file's content, or why there is none.
struct FileContent {
  Secret bytes;
  bool missing = false;         // there is no such file
  std::string trouble;          // for people; empty: the file was read
  bool world_readable = false;  // mode & 0004
  [[nodiscard]] bool good() const { return trouble.empty(); }
};

// A chain of a hundred certificates with its key is a quarter of this.
inline constexpr std::size_t identity_file_limit = 1 << 20;

// OpenSSL cuts passphrases at this length (PEM_BUFSIZE).
inline constexpr std::size_t passphrase_limit = 1024;

// Reads a regular file of at most `limit` bytes; pipes and devices, which could block for ever, are refused. Never throws.
[[nodiscard]] FileContent read_file(const std::string& path, std::size_t limit);

// The same for a file that holds one line, a passphrase or PIN: one trailing newline (LF or CRLF) is not part of it.
[[nodiscard]] FileContent read_passphrase(const std::string& path);

}  // namespace probes::tls
