// Leaves the thread of a coroutine for one piece of work, and comes back.
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/bind_executor.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

namespace probes {

// What `work` returns, run on `other`. What it borrows must stay until it is done, which the awaiting coroutine sees to. The
// executor is bound: after a bare `post(other, use_awaitable)` a coroutine goes on at home.
template <typename Work>
asio::awaitable<std::invoke_result_t<Work>> run_on(asio::any_io_executor other, Work work) {
  std::optional<std::invoke_result_t<Work>> result;
  std::exception_ptr thrown;
  co_await asio::post(asio::bind_executor(other, asio::use_awaitable));
  try {
    result.emplace(work());
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await asio::post(asio::use_awaitable);
  if (thrown) std::rethrow_exception(thrown);
  co_return std::move(*result);
}

}  // namespace probes
