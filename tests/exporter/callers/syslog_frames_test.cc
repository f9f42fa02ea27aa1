#include "exporter/callers/syslog_frames.h"

#include <gtest/gtest.h>

#include <vector>

#include "exporter/callers/call.h"

namespace exporter::callers {
namespace {

using Lines = std::vector<std::string>;

// The lines of `bytes`, fed in pieces of `size`.
Lines lines_of(const std::string& bytes, std::size_t size, Frames& frames) {
  Lines lines;
  for (std::size_t at = 0; at < bytes.size(); at += size)
    frames.feed(std::string_view(bytes).substr(at, size), [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

TEST(Frames, LinesComeWholeHoweverTheyArrive) {
  for (std::size_t size = 1; size < 12; ++size) {
    Frames frames;
    EXPECT_EQ(lines_of("one\ntwo\r\n\nthree\nfo", size, frames), (Lines{"one", "two", "three"}));
    EXPECT_EQ(frames.pending(), 2u);
  }
}

// RFC 6587 3.4.1 and 3.4.2, even of one sender.
TEST(Frames, OctetsAreCountedWhereAFrameBeginsWithANumber) {
  for (std::size_t size = 1; size < 12; ++size) {
    Frames frames(Frames::Counting::allowed);
    EXPECT_EQ(lines_of("7 <1>{\n} <1>{}\n5 {\"a\"}\n8 <13>x {}", size, frames).size(), 4u) << size;
    EXPECT_FALSE(frames.broken());
  }
  Frames plain;
  EXPECT_EQ(lines_of("7 up\n", 3, plain), (Lines{"7 up"}));
}

TEST(Frames, ACountThatIsNoneEndsTheStream) {
  for (const char* text : {"12x {}", "9999999 {}", "70000 {}"}) {
    Frames frames(Frames::Counting::allowed);
    EXPECT_TRUE(lines_of(text, 1, frames).empty());
    EXPECT_TRUE(frames.broken()) << text;
    EXPECT_EQ(frames.take_too_long(), 1u);
  }
}

TEST(Frames, ALineAboveTheLimitIsPassedOverAndCounted) {
  Frames frames;
  const std::string longest(line_limit, 'x');
  EXPECT_EQ(lines_of(longest + "\n" + longest + "y\nnext\n", 4096, frames), (Lines{longest, "next"}));
  EXPECT_EQ(frames.take_too_long(), 1u);
  EXPECT_EQ(frames.take_too_long(), 0u);
}

TEST(Frames, TheRestOfALineIsSkipped) {
  Frames frames;
  frames.skip_rest_of_line();
  EXPECT_EQ(lines_of("the end of one\nnext\n", 3, frames), (Lines{"next"}));
}

}  // namespace
}  // namespace exporter::callers
