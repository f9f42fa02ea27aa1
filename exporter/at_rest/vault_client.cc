#include "exporter/at_rest/vault_client.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "exporter/at_rest/vault_answers.h"
#include "exporter/materials/server_access.h"
#include "exporter/version.h"

namespace exporter::vault {

using probes::net::Fetched;
using probes::net::FetchFailure;
using probes::observations::SourceReason;
using probes::observations::Trouble;

namespace {

constexpr std::chrono::milliseconds turn(500);

// One certificate may be slow, or broken where it is kept; a server that is gone, sealed or has had enough is all of them.
constexpr int most_troubles = 5;

bool is_of_the_server(SourceReason reason) { return reason == SourceReason::unreachable || reason == SourceReason::tls_failed; }
bool is_of_the_server(int status) { return status == 429 || status == 503 || status / 100 == 3; }

}  // namespace

Client::Client(const config::VaultPki& settings, MaterialsPtr materials, std::string token, std::stop_token stopping,
               Allowance allowance)
    : settings_(settings),
      materials_(std::move(materials)),
      token_(std::move(token)),
      stopping_(std::move(stopping)),
      left_(allowance),
      end_(std::chrono::steady_clock::now() + allowance.time) {}

Client::Question list_of(const std::string& path) {
  return {.path = path + "?list=true", .capability = "list", .limit = 64u << 20};  // a million serials are 62 MB
}

std::string Client::url_of(const std::string& path) const { return settings_.url + "/v1/" + settings_.mount + "/" + path; }

bool Client::goes_on() const {
  return troubled_ < most_troubles && !stopping_.stop_requested() && left_.requests > 0 && left_.bytes > 0 &&
         std::chrono::steady_clock::now() < end_;
}

Client::Answer Client::ask(const Question& question) {
  std::optional<Answer> got;
  ask_each({question}, [&](std::size_t, Answer answer) { got = std::move(answer); });
  if (got) return std::move(*got);
  return Trouble{SourceReason::timeout, url_of(question.path), "not asked any more in this refresh"};
}

void Client::ask_each(const std::vector<Question>& questions, const std::function<void(std::size_t, Answer)>& take) {
  const std::stop_callback wakes(stopping_, [this] { downloads_.wake(); });
  std::size_t under_way = 0;
  for (std::size_t next = 0; !stopping_.stop_requested();) {
    while (next < questions.size() && under_way < left_.at_once && goes_on()) {
      ++under_way;
      begin(questions[next], [&take, &under_way, index = next](Answer answer) {
        --under_way;
        take(index, std::move(answer));
      });
      ++next;
    }
    if (under_way == 0) return;
    downloads_.turn(turn);
  }
}

void Client::begin(const Question& question, std::function<void(Answer)> take) {
  --left_.requests;
  const auto body = std::make_shared<std::string>();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
  probes::net::Download download{.request = {.url = url_of(question.path),
                                             .headers = {"Accept: application/json, */*", "X-Vault-Request: true",
                                                         "User-Agent: mtls_exporter/" + std::string(version())},
                                             .timeout = std::max(std::chrono::milliseconds(1), std::min(settings_.timeout, left)),
                                             .prepare_tls = tls_of(materials_, settings_.trust, settings_.identity)},
                                 .answered = nullptr,
                                 .take = nullptr,
                                 .ended = nullptr};
  if (!token_.empty()) download.request.headers.push_back("X-Vault-Token: " + token_);
  if (!settings_.vault_namespace.empty()) download.request.headers.push_back("X-Vault-Namespace: " + settings_.vault_namespace);
  const std::size_t limit = std::min(question.limit, left_.bytes);
  download.take = [body, limit](int, std::string_view bytes) {
    if (body->size() + bytes.size() > limit) return false;
    body->append(bytes);
    return true;
  };
  download.ended = [this, body, question, take = std::move(take)](std::variant<Fetched, FetchFailure> outcome) {
    left_.bytes -= std::min(left_.bytes, body->size());
    take(answer_of(question, std::move(outcome), std::move(*body)));
  };
  downloads_.begin(std::move(download));
}

Client::Answer Client::answer_of(const Question& question, std::variant<Fetched, FetchFailure> outcome, std::string body) {
  if (const auto* failure = std::get_if<FetchFailure>(&outcome)) {
    Trouble trouble{reason_of(failure->kind), url_of(question.path), "not read: " + failure->why};
    const bool slow = trouble.reason == SourceReason::timeout;
    troubled_ += is_of_the_server(trouble.reason) ? most_troubles : slow ? 2 : 1;
    return trouble;
  }
  auto& answer = std::get<Fetched>(outcome);
  answer.body = std::move(body);
  constexpr int answers[] = {200, 204, 404, 405};
  if (std::ranges::find(answers, answer.status) != std::end(answers)) return std::move(answer);
  if (is_of_the_server(answer.status)) troubled_ = most_troubles;
  else if (answer.status >= 500) ++troubled_;
  return refusal(question, answer);
}

// https://developer.hashicorp.com/vault/api-docs#http-status-codes
Trouble Client::refusal(const Question& question, const Fetched& answer) const {
  std::string detail = "status " + std::to_string(answer.status);
  if (const std::string said = errors_in(answer.body); !said.empty()) detail += ": " + said;
  const std::string path = settings_.mount + "/" + question.path.substr(0, question.path.find('?'));
  SourceReason reason = SourceReason::http_status;
  switch (answer.status) {
    case 403:
      reason = SourceReason::permission_denied;
      detail += "; the token has expired, or its policy lacks: path \"" + path + "\" { capabilities = [\"" + question.capability +
                "\"] }";
      if (!settings_.vault_namespace.empty()) detail += " in namespace " + settings_.vault_namespace;
      break;
    case 429: detail += "; it has been asked too often, and is asked again at the next refresh"; break;
    case 503: detail += "; the Vault is sealed or in maintenance"; break;
    case 301:
    case 302:
    case 307:
    case 308: {
      const auto to = answer.headers.find("location");
      detail += "; a standby sends us on" + (to == answer.headers.end() ? "" : " to " + to->second.substr(0, 200)) +
                ": name the active node, or what leads to it";
      break;
    }
    default: break;
  }
  return {reason, url_of(question.path), std::move(detail)};
}

}  // namespace exporter::vault
