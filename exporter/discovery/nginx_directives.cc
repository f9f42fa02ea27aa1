#include "exporter/discovery/nginx_directives.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "config/mistakes.h"

namespace exporter::discovery {

namespace {

using enum SourceReason;

constexpr int deepest_block = 32;                 // of blocks in blocks, and of includes in includes
constexpr std::size_t most_directives = 500'000;  // of a configuration with all its includes

// One token: a word, or one of `{`, `}`, `;`. nginx's own grammar: ngx_conf_read_token().
struct Token {
  char mark = 0;  // 0: a word
  std::string word;
  std::uint32_t line = 0;
};

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::uint32_t unclosed() const { return unclosed_; }  // the line of a quote that nothing ends; 0: there is none
  std::uint32_t line() const { return line_; }          // reached

  // False at the end.
  bool next(Token& token) {
    skip_blank();
    if (at_ >= text_.size()) return false;
    const char first = text_[at_];
    token = {.line = line_};
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
      else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) pass();
      else return;
    }
  }

  // One character, which may end a line.
  char pass() {
    if (text_[at_] == '\n') ++line_;
    return text_[at_++];
  }

  void quoted(std::string& word) {
    const std::uint32_t begun = line_;
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      word += pass();
    }
    if (at_ >= text_.size() && unclosed_ == 0) unclosed_ = begun;
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
      word += pass();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t unclosed_ = 0;
};

// Builds blocks, includes put in their places.
class Reader {
 public:
  Reader(std::string folder, const ServerFiles& files, Troubles& troubles)
      : folder_(std::move(folder)), files_(files), troubles_(troubles) {}

  Block file(const std::string& path, std::string_view text, int depth) {
    const auto around = std::exchange(file_, std::make_shared<const std::string>(path));
    Tokens tokens(text);
    Block block;
    bool closed = false;
    do {
      closed = read(tokens, block, depth);
      if (closed) wrong(tokens.line(), "a brace too many");
    } while (closed);
    if (tokens.unclosed() > 0) wrong(tokens.unclosed(), "a quote that nothing ends");
    file_ = around;
    return block;
  }

 private:
  void wrong(std::uint32_t line, const std::string& what) { troubles_.add(bad_syntax, {*file_, line}, what); }

  // True when a `}` ended the block, false at the end of the text.
  bool read(Tokens& tokens, Block& block, int depth) {
    Directive directive;
    for (Token token; tokens.next(token);) {
      if (directive.words.empty()) directive.line = token.line;
      if (token.mark == 0) {
        directive.words.push_back(std::move(token.word));
        continue;
      }
      if (token.mark == '{' && !open(tokens, directive, depth)) wrong(token.line, "a block that nothing closes");
      if (token.mark == '}') {
        if (!directive.words.empty()) wrong(directive.line, "no `;` after " + config::quote(directive.words[0]));
        return true;
      }
      add(std::move(directive), block, depth);
      directive = {};
    }
    if (!directive.words.empty()) wrong(directive.line, "no `;` after " + config::quote(directive.words[0]));
    return false;
  }

  // Below the deepest block everything is read into nothing.
  bool open(Tokens& tokens, Directive& directive, int depth) {
    if (depth < deepest_block) return read(tokens, directive.block, depth + 1);
    int open = 1;
    for (Token token; open > 0 && tokens.next(token);) open += token.mark == '{' ? 1 : token.mark == '}' ? -1 : 0;
    troubles_.add(too_large, {*file_, directive.line}, "blocks in blocks deeper than " + std::to_string(deepest_block));
    return open == 0;
  }

  void add(Directive directive, Block& block, int depth) {
    if (directive.words.empty()) return;
    directive.file = file_;
    if (++directives_ > most_directives) {
      if (directives_ == most_directives + 1)
        troubles_.add(too_large, directive.place(), "more directives than " + std::to_string(most_directives));
      return;
    }
    if (directive.words[0] != "include" || directive.words.size() != 2) return block.push_back(std::move(directive));
    include(directive, block, depth);
  }

  void include(const Directive& directive, Block& block, int depth) {
    if (depth >= deepest_block || including_ >= deepest_block)
      return troubles_.add(too_large, directive.place(), "includes in includes deeper than " + std::to_string(deepest_block));
    ++including_;
    const std::string path = (std::filesystem::path(folder_) / directive.words[1]).string();
    const bool glob = path.find_first_of("*?[") != std::string::npos;
    for (const std::string& found : glob ? files_.matches(path) : std::vector{path})
      if (const auto text = files_.read(found, directive.place(), troubles_))
        for (Directive& inner : file(found, *text, depth)) block.push_back(std::move(inner));
    --including_;
  }

  const std::string folder_;
  const ServerFiles& files_;
  Troubles& troubles_;
  std::shared_ptr<const std::string> file_;  // being read
  std::size_t directives_ = 0;
  int including_ = 0;
};

}  // namespace

Block read_directives(const ConfigurationFile& configuration, const ServerFiles& files, Troubles& troubles) {
  const std::string folder = std::filesystem::path(configuration.path).parent_path().string();
  return Reader(folder, files, troubles).file(configuration.path, configuration.text, 0);
}

}  // namespace exporter::discovery
