#include "probes/net/connect_failure.h"

#include <array>

namespace probes::net {

using observations::Failure;
using observations::Reason;
using observations::Stage;

Failure connect_failure(const std::error_code& error) {
  struct Row {
    std::errc error;
    Stage stage;
    Reason reason;
  };
  static constexpr std::array rows = {
      Row{std::errc::connection_refused, Stage::connect, Reason::refused},
      Row{std::errc::timed_out, Stage::connect, Reason::connect_timeout},
      Row{std::errc::connection_reset, Stage::connect, Reason::connection_reset},
      Row{std::errc::too_many_files_open, Stage::internal, Reason::internal},
      Row{std::errc::too_many_files_open_in_system, Stage::internal, Reason::internal},
      Row{std::errc::not_enough_memory, Stage::internal, Reason::internal},
      Row{std::errc::no_buffer_space, Stage::internal, Reason::internal},
  };
  // By number: Asio's category for the system's errors is not the standard library's.
  for (const Row& row : rows)
    if (error.value() == static_cast<int>(row.error))
      return {.stage = row.stage, .reason = row.reason, .alert = {}, .detail = error.message()};
  // No route, no such network, forbidden by a firewall, no address of that family: from here there is no way to it.
  return {.stage = Stage::connect, .reason = Reason::unreachable, .alert = {}, .detail = error.message()};
}

bool exhausted(const std::error_code& error) { return connect_failure(error).stage == Stage::internal; }

}  // namespace probes::net
