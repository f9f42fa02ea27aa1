// The conditional blocks of haproxy's configuration: .if, .elif, .else, .endif. haproxy's manual, 2.4. What is understood is
// numbers, defined(), streq() and strneq(), negated or not; blocks under any other condition are left out, and said to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/discovery/haproxy_words.h"

namespace exporter::discovery {

class HaproxyConditions {
 public:
  // A line that begins with a dot. What cannot be followed about it; empty: nothing.
  [[nodiscard]] std::string directive(std::string_view line, const Environment& environment);

  // Whether the lines that follow count.
  [[nodiscard]] bool holds() const;

 private:
  struct Block {
    bool holds = false;    // the branch being read
    bool settled = false;  // some branch held, or nothing can be told of those to come
  };
  std::vector<Block> blocks_;
};

}  // namespace exporter::discovery
