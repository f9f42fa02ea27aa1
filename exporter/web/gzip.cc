#include "exporter/web/gzip.h"

#include <isa-l/igzip_lib.h>

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace exporter::web {

namespace {

constexpr std::size_t piece_size = 64 * 1024;  // bytes; what goes to the network at once

class Zip {
 public:
  explicit Zip(Pieces text) : text_(std::move(text)), level_memory_(ISAL_DEF_LVL1_DEFAULT), out_(piece_size) {
    isal_deflate_init(&stream_);
    stream_.level = 1;
    stream_.level_buf = level_memory_.data();
    stream_.level_buf_size = static_cast<std::uint32_t>(level_memory_.size());
    stream_.gzip_flag = IGZIP_GZIP;
  }

  // Fills a piece as far as the text goes.
  std::string_view next() {
    stream_.next_out = out_.data();
    stream_.avail_out = static_cast<std::uint32_t>(out_.size());
    while (stream_.avail_out > 0 && stream_.internal_state.state != ZSTATE_END) {
      if (stream_.avail_in == 0 && stream_.end_of_stream == 0) take_in();
      if (isal_deflate(&stream_) != COMP_OK) throw std::runtime_error("the answer cannot be compressed");
    }
    return {reinterpret_cast<const char*>(out_.data()), out_.size() - stream_.avail_out};
  }

 private:
  void take_in() {
    const std::string_view piece = text_();
    // The library only reads it.
    stream_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<std::uint32_t>(piece.size());
    stream_.end_of_stream = piece.empty();
  }

  Pieces text_;
  isal_zstream stream_{};
  std::vector<std::uint8_t> level_memory_;
  std::vector<std::uint8_t> out_;
};

}  // namespace

Pieces gzipped(Pieces text) {
  return [zip = std::make_shared<Zip>(std::move(text))] { return zip->next(); };
}

std::string gzip(std::string text) {
  const Pieces pieces = gzipped(pieces_of(std::move(text)));
  std::string all;
  for (std::string_view piece = pieces(); !piece.empty(); piece = pieces()) all.append(piece);
  return all;
}

}  // namespace exporter::web
