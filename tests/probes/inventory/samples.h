// Certificates and encodings that the tests of readers share.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <utility>

namespace tests::inventory {

inline std::string base64(const std::string& bytes) {
  std::string text(bytes.size() / 3 * 4 + 8, '\0');
  text.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                                       static_cast<int>(bytes.size()))));
  return text;
}

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

}  // namespace tests::inventory
