#include "exporter/web/body.h"

#include <exception>
#include <mutex>
#include <utility>

namespace exporter::web {

struct Body::Piece {
  explicit Piece(std::string of) : text(std::move(of)) {}
  ~Piece() {  // one after the other: each link that ended the next would take a call on the stack
    for (auto rest = std::move(next); rest && rest.use_count() == 1;) rest = std::move(rest->next);
  }
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

  const std::string text;
  std::shared_ptr<Piece> next;  // guarded by the source's mutex
};

struct Body::Source {
  // The piece behind `at`; null at the end.
  std::shared_ptr<Piece> after(Piece& at) {
    const std::lock_guard lock(mutex);
    if (!at.next && pieces) at.next = made();
    if (!at.next && broken) std::rethrow_exception(broken);
    return at.next;
  }

  // REQUIRES: the mutex is held.
  bool ends_with(const Piece& piece) const { return !piece.next && !pieces && !broken; }

  std::shared_ptr<Piece> made() {
    try {
      if (std::string text(pieces()); !text.empty()) {
        bytes += text.size();
        if (bytes > kept) first.reset();
        return std::make_shared<Piece>(std::move(text));
      }
    } catch (...) {
      broken = std::current_exception();
    }
    pieces = nullptr;
    return nullptr;
  }

  std::mutex mutex;
  Pieces pieces;  // empty at the end
  std::size_t kept = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = 0;         // made so far
  std::shared_ptr<Piece> first;  // while the beginning is kept
  std::exception_ptr broken;
};

Pieces pieces_of(std::string text) {
  return [text = std::move(text), given = false]() mutable {
    return std::exchange(given, true) ? std::string_view() : std::string_view(text);
  };
}

Body::Body(std::string text) : source_(std::make_shared<Source>()), at_(std::make_shared<Piece>(std::move(text))) {
  source_->first = at_;
}

Body::Body(Pieces pieces, std::size_t kept) : Body() {
  source_->pieces = std::move(pieces);
  source_->kept = kept;
  advance();
  source_->first = at_;
  last_ = source_->after(*at_) == nullptr;
}

Body::Body(std::shared_ptr<Source> source, std::shared_ptr<Piece> at) : source_(std::move(source)), at_(std::move(at)) {
  last_ = source_->ends_with(*at_);
}

const std::string& Body::text() const { return at_->text; }

void Body::advance() {
  auto next = source_->after(*at_);
  last_ = next == nullptr;
  at_ = next ? std::move(next) : std::make_shared<Piece>(std::string());
}

Body::Beginning Body::beginning() const { return Beginning(source_); }

std::optional<Body> Body::Beginning::read() const {
  const auto source = source_.lock();
  if (!source) return std::nullopt;
  const std::lock_guard lock(source->mutex);
  if (!source->first) return std::nullopt;
  return Body(source, source->first);
}

}  // namespace exporter::web
