// A Consul whose catalog is asked for targets. Part of a discovery (discovery_settings.h), and as immutable.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace config {

struct Consul {
  std::string url;                                               // "https://consul.internal:8501", without a slash at its end
  std::string token_file;                                        // read anew for every request; empty: none is sent
  std::string datacenter;                                        // empty: the agent's own
  std::string consul_namespace;                                  // of Consul Enterprise; empty: the token's own
  std::vector<std::string> services;                             // empty: all but `consul` itself
  std::vector<std::string> tags;                                 // that an instance must have, all of them
  std::string trust;                                             // a trust store for the server; empty: the system's
  std::string identity;                                          // our client certificate; empty: none
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  // of one request that does not wait for a change
  bool operator==(const Consul&) const = default;
};

}  // namespace config
