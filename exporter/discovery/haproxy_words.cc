#include "exporter/discovery/haproxy_words.h"

#include <utility>

#include "config/mistakes.h"

namespace exporter::discovery {

namespace {

constexpr std::size_t most_words = 256;      // of one line; haproxy itself has a limit of 64
constexpr std::size_t longest_line = 65536;  // what variables make of one included

bool in_name(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

class Line {
 public:
  Line(std::string_view text, const Environment& environment) : text_(text), environment_(environment) {}

  std::variant<Words, std::string> words() {
    for (; at_ < text_.size() && wrong_.empty(); ++at_) {
      if (quote_ == 0 && text_[at_] == '#') break;
      take(text_[at_]);
      if (words_.size() > most_words || size_ > longest_line) wrong_ = "a line that is too long";
    }
    if (wrong_.empty() && quote_ != 0) wrong_ = "a quote that nothing ends";
    if (!wrong_.empty()) return std::move(wrong_);
    return std::move(words_);
  }

 private:
  void take(char c) {
    if (quote_ == 0 && (c == ' ' || c == '\t' || c == '\r')) in_word_ = false;
    else if (c == quote_) quote_ = 0;
    else if (quote_ == 0 && (c == '"' || c == '\'')) {
      begin();
      quote_ = c;
    } else if (c == '\\' && quote_ != '\'' && at_ + 1 < text_.size()) put(text_[++at_]);
    else if (c == '$' && quote_ == '"') variable();  // haproxy leaves it as it is elsewhere
    else put(c);
  }

  // `$X`, `${X}`, `${X-instead}`; a dollar before anything else is one.
  void variable() {
    const bool braces = at_ + 1 < text_.size() && text_[at_ + 1] == '{';
    const std::size_t first = at_ + (braces ? 2 : 1);
    std::size_t end = first;
    while (end < text_.size() && in_name(text_[end], end == first)) ++end;
    if (end == first) return put('$');
    const std::string name(text_.substr(first, end - first));
    std::optional<std::string> value = environment_(name);
    if (braces) {
      const std::size_t close = text_.find('}', end);
      if (close == std::string_view::npos) {
        wrong_ = "a brace that nothing closes";
        return;
      }
      const std::string_view rest = text_.substr(end, close - end);
      if (!value && rest.starts_with('-')) value = std::string(rest.substr(1));
      if (value && rest.starts_with("[*]")) {
        wrong_ = config::quote("${" + name + "[*]}") + " stands for several words, which is not followed";
        return;
      }
      end = close + 1;
    }
    if (!value) {
      wrong_ =
          "the variable " + config::quote(name) + " is not in the environment of haproxy's service, as far as that can be read";
      return;
    }
    begin();
    words_.back() += *value;
    size_ += value->size();
    at_ = end - 1;
  }

  void begin() {
    if (!in_word_) words_.emplace_back();
    in_word_ = true;
  }

  void put(char c) {
    begin();
    words_.back() += c;
    ++size_;
  }

  const std::string_view text_;
  const Environment& environment_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
  bool in_word_ = false;
  char quote_ = 0;
  Words words_;
  std::string wrong_;
};

}  // namespace

std::variant<Words, std::string> words_of(std::string_view line, const Environment& environment) {
  return Line(line, environment).words();
}

}  // namespace exporter::discovery
