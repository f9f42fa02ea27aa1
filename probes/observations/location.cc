#include "probes/observations/location.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

namespace probes::observations {

Location::Location(std::string_view path, std::string_view alias) {
  const std::size_t size = path.size() + (alias.empty() ? 0 : 1 + alias.size());
  if (size == 0) return;
  // In words, for what stands first is aligned to one.
  auto block = std::make_shared_for_overwrite<std::uint32_t[]>((sizeof(Sizes) + size + 3) / sizeof(std::uint32_t));
  const auto* sizes = ::new (block.get()) Sizes{static_cast<std::uint32_t>(path.size()), static_cast<std::uint32_t>(size)};
  char* text = reinterpret_cast<char*>(block.get()) + sizeof(Sizes);
  text = std::copy(path.begin(), path.end(), text);
  if (!alias.empty()) *text++ = '#';
  std::copy(alias.begin(), alias.end(), text);
  sizes_ = {std::move(block), sizes};
}

std::string_view Location::text() const {
  if (!sizes_) return {};
  return {reinterpret_cast<const char*>(sizes_.get() + 1), sizes_->text};
}

std::string_view Location::path() const { return sizes_ ? text().substr(0, sizes_->path) : std::string_view(); }

std::string_view Location::alias() const {
  return sizes_ && sizes_->path < sizes_->text ? text().substr(sizes_->path + 1) : std::string_view();
}

}  // namespace probes::observations
