#include "exporter/callers/syslog_frames.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "exporter/callers/call.h"

namespace exporter::callers {

namespace {

bool is_count(char c) { return c >= '1' && c <= '9'; }

void hand_over(std::string_view line, const Frames::Take& take) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == '\0')) line.remove_suffix(1);
  if (!line.empty()) take(line);
}

}  // namespace

void Frames::feed(std::string_view bytes, const Take& take) {
  while (!bytes.empty() && !broken_) {
    if (wanted_ == 0 && held_.empty() && !skipping_ && counting_ == Counting::allowed && bytes.front() == '\n') {
      bytes.remove_prefix(1);  // some put one behind a counted frame
      continue;
    }
    const char first = held_.empty() ? bytes.front() : held_.front();
    const bool counted = wanted_ > 0 || (counting_ == Counting::allowed && !skipping_ && is_count(first));
    if (!counted) feed_line(bytes, take);
    else if (wanted_ > 0 || begin_counted(bytes)) feed_counted(bytes, take);
  }
}

// "123 ": reads the count; true once it is known.
bool Frames::begin_counted(std::string_view& bytes) {
  constexpr std::size_t most_digits = 6;
  while (!bytes.empty()) {
    const char c = bytes.front();
    if (c == ' ') {
      bytes.remove_prefix(1);
      std::from_chars(held_.data(), held_.data() + held_.size(), wanted_);
      held_.clear();
      if (wanted_ > line_limit) broken_ = true, ++too_long_;
      return !broken_;
    }
    if (c < '0' || c > '9' || held_.size() == most_digits) {
      broken_ = true;
      ++too_long_;
      return false;
    }
    held_ += c;
    bytes.remove_prefix(1);
  }
  return false;
}

void Frames::feed_counted(std::string_view& bytes, const Take& take) {
  const std::size_t size = std::min(wanted_ - held_.size(), bytes.size());
  held_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (held_.size() < wanted_) return;
  hand_over(held_, take);
  held_.clear();
  wanted_ = 0;
}

void Frames::feed_line(std::string_view& bytes, const Take& take) {
  const std::size_t end = bytes.find('\n');
  const std::string_view piece = bytes.substr(0, end);
  const bool whole = end != std::string_view::npos;
  bytes.remove_prefix(whole ? end + 1 : bytes.size());
  if (!skipping_ && held_.size() + piece.size() > line_limit) {
    skipping_ = true;
    ++too_long_;
    skipped_ = held_.size();
    held_.clear();
  }
  if (skipping_) {
    skipped_ += piece.size();
    if (whole) skipping_ = false, skipped_ = 0;
    return;
  }
  if (whole && held_.empty()) return hand_over(piece, take);
  held_.append(piece);
  if (!whole) return;
  hand_over(held_, take);
  held_.clear();
}

std::uint64_t Frames::take_too_long() { return std::exchange(too_long_, 0); }

void Frames::clear() {
  held_.clear();
  wanted_ = skipped_ = 0;
  skipping_ = broken_ = false;
}

}  // namespace exporter::callers
