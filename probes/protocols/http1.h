// One HTTP/1.1 exchange on a stream.
#pragma once

#include <asio/awaitable.hpp>

#include "probes/protocols/protocol.h"

namespace probes::protocols {

// The bytes of a body that are kept; the rest is not read.
inline constexpr std::size_t answer_text_limit = 4096;

asio::awaitable<Answer> http1(net::Stream& stream, Question question);

}  // namespace probes::protocols
