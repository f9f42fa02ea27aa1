// TDS packets (MS-TDS 2.2.3): eight octets of header (type, status, length with the header, process, number, window) and a
// payload.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "probes/bytes/big_endian.h"

namespace probes::protocols::tds {

inline constexpr char prelogin = 0x12, response = 0x04;
inline constexpr std::size_t header_size = 8;
inline constexpr std::size_t packet_size = 4096;  // before a login says otherwise

// `payload` as packets of this type, the last of which ends the message.
inline std::string packets(char type, std::string_view payload) {
  std::string all;
  do {
    const std::string_view piece = payload.substr(0, packet_size - header_size);
    payload.remove_prefix(piece.size());
    all += type;
    all += payload.empty() ? '\x01' : '\x00';
    all += bytes::big_endian(static_cast<std::uint32_t>(piece.size() + header_size), 2);
    all.append(4, '\0');
    all += piece;
  } while (!payload.empty());
  return all;
}

// RFC 8446 5.1: change_cipher_spec, alert, handshake, application_data.
inline bool is_tls_record(char first) { return first >= 20 && first <= 23; }

}  // namespace probes::protocols::tds
