// Asks a Vault within one refresh: a few requests at once over connections that are used again, and never more of them, of bytes
// and of time than a refresh may take. A server that cannot be reached, is sealed or has had enough is not asked again within the
// refresh. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "config/vault_settings.h"
#include "exporter/materials/materials.h"
#include "probes/net/downloads.h"
#include "probes/observations/inventory.h"

namespace exporter::vault {

// What a refresh may take. A Vault gives some thousand certificates a second; it has other things to do.
struct Allowance {
  std::size_t requests = 10'000;
  std::size_t bytes = 256u << 20;
  std::chrono::milliseconds time = std::chrono::seconds(60);
  std::size_t at_once = 4;
};

class Client {
 public:
  // `stopping`: whoever waits for an answer returns soon after it.
  Client(const config::VaultPki& settings, MaterialsPtr materials, std::string token, std::stop_token stopping,
         Allowance allowance = {});

  // An answer of status 200, 204, 404 or 405 (it does not know the question); or what is wrong.
  using Answer = std::variant<probes::net::Fetched, probes::observations::Trouble>;

  // What is asked for, below the mount: "certs?list=true".
  struct Question {
    std::string path;
    std::string capability = "read";  // that a policy must give
    std::size_t limit = 1u << 20;     // bytes of the answer
  };

  [[nodiscard]] Answer ask(const Question& question);

  // Asks several, in any order of answers. What is not asked any more, because the refresh has taken what it may or the server is
  // not to be asked again, has no answer.
  void ask_each(const std::vector<Question>& questions, const std::function<void(std::size_t index, Answer answer)>& take);

  // Whether anything more will be asked in this refresh.
  [[nodiscard]] bool goes_on() const;

  [[nodiscard]] std::string url_of(const std::string& path) const;

 private:
  void begin(const Question& question, std::function<void(Answer)> take);
  Answer answer_of(const Question& question, std::variant<probes::net::Fetched, probes::net::FetchFailure> outcome,
                   std::string body);
  probes::observations::Trouble refusal(const Question& question, const probes::net::Fetched& answer) const;

  const config::VaultPki& settings_;
  const MaterialsPtr materials_;
  const std::string token_;
  const std::stop_token stopping_;
  Allowance left_;
  const std::chrono::steady_clock::time_point end_;
  int troubled_ = 0;  // from a limit on the server is not asked again
  probes::net::Downloads downloads_;
};

// What asks for the keys below `path`.
[[nodiscard]] Client::Question list_of(const std::string& path);

}  // namespace exporter::vault
