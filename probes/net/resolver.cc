#include "probes/net/resolver.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <algorithm>
#include <utility>

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "probes/net/connect_failure.h"
#include "probes/net/dns_channel.h"

namespace probes::net {

namespace {

// c-ares opens files, too, /etc/hosts among them, and does not say that it could not.
bool descriptors_are_lacking() {
  const int tried = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int error = errno;
  if (tried >= 0) ::close(tried);
  return tried < 0 && exhausted(std::error_code(error, std::generic_category()));
}

// What a look-up came to; of one that failed while there were no sockets nothing is known.
template <typename Result>
Result outcome(PendingLookup<Result>& lookup, const DnsChannel& asked) {
  if (lookup.answered && !std::holds_alternative<observations::Failure>(lookup.result)) return std::move(lookup.result);
  if (asked.lacking_socket_since(lookup.started) || descriptors_are_lacking()) return no_socket_for_look_up();
  if (!lookup.answered) return resolve_failure(ARES_ETIMEOUT);
  return std::move(lookup.result);
}

}  // namespace

Resolver::Resolver(const asio::any_io_executor& executor, NameServers servers)
    : executor_(executor), servers_(std::move(servers)), file_(servers_.file), current_(opened(0)) {}

Resolver::Resolver(const asio::any_io_executor& executor, const std::string& list)
    : Resolver(executor, NameServers{.list = list}) {}

Resolver::~Resolver() {
  for (const auto& held : opened_)
    if (const auto channel = held.lock()) channel->close();
}

std::shared_ptr<DnsChannel> Resolver::opened(std::size_t first) {
  auto channel = std::make_shared<DnsChannel>(executor_, servers_, first);
  std::erase_if(opened_, [](const auto& held) { return held.expired(); });
  opened_.push_back(channel);
  return channel;
}

void Resolver::begin_at(std::size_t first, std::shared_ptr<DnsChannel> channel, Moment now) {
  first_ = first;
  current_ = std::move(channel);
  trial_ = nullptr;
  next_trial_ = now + servers_.retry;
}

std::shared_ptr<DnsChannel> Resolver::channel() {
  const Moment now = Moment::clock::now();
  if (file_.changed(now) || !current_->usable()) {
    begin_at(0, opened(0), now);
  } else if (trial_ && trial_->heard()) {
    begin_at(0, trial_, now);
  } else if (current_->first_is_silent() && current_->in_fixed_order() > 1) {
    const std::size_t next = (first_ + 1) % current_->in_fixed_order();
    begin_at(next, opened(next), now);
  } else if (first_ != 0 && now >= next_trial_) {
    next_trial_ = now + servers_.retry;
    return trial_ = opened(0);
  }
  return current_;
}

// A look-up holds its channel: one that was replaced meanwhile lives until the last of them ends.
asio::awaitable<Resolved> Resolver::resolve(std::string host, Moment deadline) {
  asio::error_code error;
  if (const auto literal = asio::ip::make_address(host, error); !error) co_return std::vector{literal};
  const auto asked = channel();
  const auto lookup = asked->resolve(host, deadline);
  if (!lookup->answered) co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return outcome(*lookup, *asked);
}

asio::awaitable<Records> Resolver::records(std::string name, RecordType type, Moment deadline) {
  asio::error_code error;
  const auto asked = channel();
  const auto lookup = asked->records(name, type, deadline);
  if (!lookup->answered) co_await lookup->done.async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return outcome(*lookup, *asked);
}

}  // namespace probes::net
