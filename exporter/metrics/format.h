// The two exposition formats.
#pragma once

#include <cstdint>
#include <string_view>

namespace exporter::metrics {

enum class Format : std::uint8_t { text, openmetrics };

// The value of the header Content-Type.
[[nodiscard]] constexpr std::string_view content_type(Format format) {
  return format == Format::text ? "text/plain; version=0.0.4; charset=utf-8"
                                : "application/openmetrics-text; version=1.0.0; charset=utf-8";
}

}  // namespace exporter::metrics
