// A scripted DNS server on a UDP port of 127.0.0.1, on a thread of its own. It answers by the first label of the name asked for:
// "a.x" has the address 127.0.0.1, "many.x" twenty-eight addresses of 127.0.0.0/8,
// "metadata.x" the address 169.254.169.254, "mapped.x" the same in IPv6 (::ffff:169.254.169.254),
// "missing.x" does not exist, "broken.x" is a server failure, "silent.x" gets no answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tests::support {

class NameServer {
 public:
  NameServer();
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  [[nodiscard]] std::string address() const;  // "127.0.0.1:5353"

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tests::support
