// A stream of syslog in any pieces: the lines are the same however it arrives.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/callers/syslog_frames.h"

namespace {

std::string lines(std::string_view bytes, std::size_t piece) {
  exporter::callers::Frames frames(exporter::callers::Frames::Counting::allowed);
  std::string found;
  for (; !bytes.empty() && !frames.broken(); bytes.remove_prefix(std::min(piece, bytes.size())))
    frames.feed(bytes.substr(0, piece), [&](std::string_view line) { found.append(line).append("\n|"); });
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (lines(bytes, 1) != lines(bytes, size + 1)) __builtin_trap();
  return 0;
}
