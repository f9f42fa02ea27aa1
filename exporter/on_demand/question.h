// From the words of one /probe request to what is to be probed, or to the answer that refuses it. Everything in a request was
// written by a stranger: a parameter that is unknown, repeated, empty or not what it should be is refused, and says what would be
// right. Pure; any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "config/settings.h"
#include "exporter/on_demand/reach.h"
#include "exporter/web/http.h"

namespace exporter::on_demand {

struct Question {
  std::shared_ptr<const config::Target> target;  // with what the request says instead of the configuration
  std::string identity;                          // "": no client certificate is offered
  Reach reach;                                   // where the probe may go
  std::chrono::milliseconds at_most{};           // of the whole probe; never above the module's timeout
  bool debug = false;                            // explain instead of publishing
};

// The question, or 400 where it cannot be understood and 403 where it may not be asked. `timeout_offset`: --timeout-offset.
[[nodiscard]] std::variant<Question, web::Response> read(const web::Request& request, const config::Settings& settings,
                                                         std::chrono::milliseconds timeout_offset);

}  // namespace exporter::on_demand
