// Alerts that OpenSSL would not send of its own accord: any number, in the clear before the keys change and sealed with the
// server's own traffic keys afterwards. Only for AES-128-GCM with SHA-256, which the TLS peer insists on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace tests::support {

// What is needed to write one more record as the server: followed through OpenSSL's key log and message callbacks.
class WriteState {
 public:
  void on_key_log(const SSL* ssl, std::string_view line);  // NSS key log format
  void on_record_written();

  // The record of a fatal alert, ready for the socket.
  [[nodiscard]] std::string alert(std::uint8_t number) const;

 private:
  std::string key_;    // empty: nothing is encrypted yet
  std::string nonce_;  // TLS 1.3: 12 bytes; TLS 1.2: the 4 implicit ones
  bool sealing_ = false;
  std::uint64_t records_ = 0;  // written with key_
};

// The alert as it looks before any key is in use.
[[nodiscard]] std::string plain_alert(std::uint8_t number);

}  // namespace tests::support
