// One HTTP/2 exchange on a stream, by nghttp2.
#pragma once

#include <asio/awaitable.hpp>

#include "probes/protocols/protocol.h"

namespace probes::protocols {

asio::awaitable<Answer> http2(net::Stream& stream, Question question);

}  // namespace probes::protocols
