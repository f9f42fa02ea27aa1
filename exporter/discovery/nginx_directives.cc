#include "exporter/discovery/nginx_directives.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

namespace exporter::discovery {

namespace {

using enum SourceReason;

constexpr int deepest_block = 32;                 // of blocks in blocks, and of includes in includes
constexpr std::size_t most_directives = 500'000;  // of a configuration with all its includes

// One token: a word, or one of `{`, `}`, `;`. nginx's own grammar: ngx_conf_read_token().
struct Token {
  char mark = 0;  // 0: a word
  std::string word;
};

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  bool unclosed() const { return unclosed_; }  // a quote that nothing ends

  // False at the end.
  bool next(Token& token) {
    skip_blank();
    if (at_ >= text_.size()) return false;
    const char first = text_[at_];
    token = {};
    if (first == '{' || first == '}' || first == ';') {
      token.mark = first;
      ++at_;
    } else if (first == '"' || first == '\'') {
      quoted(token.word);
    } else {
      bare(token.word);
    }
    return true;
  }

 private:
  void skip_blank() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
      else return;
    }
  }

  void quoted(std::string& word) {
    const char quote = text_[at_++];
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word += text_[at_];
    }
    unclosed_ = unclosed_ || at_ >= text_.size();
    ++at_;
  }

  // `${name}` is part of a word; any other brace ends it.
  void bare(std::string& word) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool variable = c == '{' && !word.empty() && word.back() == '$';
      if (c == ';' || (c == '{' && !variable) || std::string_view(" \t\r\n").find(c) != std::string_view::npos) return;
      if (c == '}' && word.find("${") == std::string::npos) return;
      if (c == '\\' && at_ + 1 < text_.size()) word += text_[at_++];
      word += text_[at_++];
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool unclosed_ = false;
};

// Builds blocks, includes put in their places.
class Reader {
 public:
  Reader(std::string folder, const ServerFiles& files, Errors& errors)
      : folder_(std::move(folder)), files_(files), errors_(errors) {}

  Block file(std::string_view text, int depth) {
    Tokens tokens(text);
    Block block;
    bool closed = false;
    do {
      closed = read(tokens, block, depth);
      if (closed) ++errors_[bad_syntax];  // a brace too many
    } while (closed);
    if (tokens.unclosed()) ++errors_[bad_syntax];
    return block;
  }

 private:
  // True when a `}` ended the block, false at the end of the text.
  bool read(Tokens& tokens, Block& block, int depth) {
    Directive directive;
    for (Token token; tokens.next(token);) {
      if (token.mark == 0) {
        directive.words.push_back(std::move(token.word));
        continue;
      }
      if (token.mark == '{' && !open(tokens, directive, depth)) ++errors_[bad_syntax];
      if (token.mark == '}') {
        if (!directive.words.empty()) ++errors_[bad_syntax];  // no `;`
        return true;
      }
      add(std::move(directive), block, depth);
      directive = {};
    }
    if (!directive.words.empty()) ++errors_[bad_syntax];
    return false;
  }

  // Below the deepest block everything is read into nothing.
  bool open(Tokens& tokens, Directive& directive, int depth) {
    if (depth < deepest_block) return read(tokens, directive.block, depth + 1);
    int open = 1;
    for (Token token; open > 0 && tokens.next(token);) open += token.mark == '{' ? 1 : token.mark == '}' ? -1 : 0;
    ++errors_[too_large];
    return open == 0;
  }

  void add(Directive directive, Block& block, int depth) {
    if (directive.words.empty()) return;
    if (++directives_ > most_directives) {
      if (directives_ == most_directives + 1) ++errors_[too_large];
      return;
    }
    if (directive.words[0] != "include" || directive.words.size() != 2) return block.push_back(std::move(directive));
    include(directive.words[1], block, depth);
  }

  void include(const std::string& pattern, Block& block, int depth) {
    if (depth >= deepest_block || including_ >= deepest_block) {
      ++errors_[too_large];
      return;
    }
    ++including_;
    const std::string path = (std::filesystem::path(folder_) / pattern).string();
    const bool glob = path.find_first_of("*?[") != std::string::npos;
    for (const std::string& found : glob ? files_.matches(path) : std::vector{path})
      if (const auto text = files_.read(found, errors_))
        for (Directive& directive : file(*text, depth)) block.push_back(std::move(directive));
    --including_;
  }

  const std::string folder_;
  const ServerFiles& files_;
  Errors& errors_;
  std::size_t directives_ = 0;
  int including_ = 0;
};

}  // namespace

Block read_directives(const std::string& text, const std::string& folder, const ServerFiles& files, Errors& errors) {
  return Reader(folder, files, errors).file(text, 0);
}

}  // namespace exporter::discovery
