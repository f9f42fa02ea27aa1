// Unpacks gzip with zlib, another library than the exporter's.
#pragma once

#include <zlib.h>

#include <string>

namespace tests::web {

// The text; a word about what is wrong with it unless it is one gzip member with nothing behind it.
inline std::string unzipped(const std::string& zipped) {
  constexpr int gzip_only = 16;
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + gzip_only) != Z_OK) return "cannot begin";
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  std::string text;
  std::string buffer(1 << 16, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return "broken";
  return stream.avail_in == 0 ? text : "something follows";
}

}  // namespace tests::web
