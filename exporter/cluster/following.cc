#include "exporter/cluster/following.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "exporter/materials/server_access.h"

namespace exporter::cluster {

using namespace std::chrono_literals;
using probes::net::Fetched;
using probes::net::FetchFailure;
using probes::observations::SourceReason;
using probes::observations::Trouble;

namespace {

constexpr int gone = 410;                         // HTTP: what is asked for is forgotten
constexpr std::size_t longest_page = 64u << 20;   // of a list: 500 objects of 100 KiB
constexpr std::size_t longest_event = 16u << 20;  // etcd takes objects of 1.5 MiB
constexpr std::chrono::milliseconds list_timeout = 60s;
constexpr std::chrono::seconds watch_time = 290s;  // asked for; servers end a watch by themselves
constexpr std::chrono::milliseconds first_pause = 250ms, longest_pause = 60s, longest_wait = 5min;

}  // namespace

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (plain) made += c;
    else made.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return made;
}

namespace {

// Of 429 and 503, in seconds.
std::chrono::milliseconds retry_after(const Fetched& answer) {
  const auto header = answer.headers.find("retry-after");
  if (header == answer.headers.end()) return {};
  int seconds = 0;
  std::from_chars(header->second.data(), header->second.data() + header->second.size(), seconds);
  return std::clamp<std::chrono::milliseconds>(std::chrono::seconds(seconds), 0ms, longest_wait);
}

}  // namespace

Following::Following(What what, std::uint64_t seed)
    : what_(std::move(what)), random_(static_cast<std::minstd_rand::result_type>(seed)) {}

std::string Following::request() {
  began_ = Clock::now();
  heard_ = lively_ = gone_ = broken_ = false;
  body_.clear();
  if (phase_ == Phase::watch)
    return what_.path + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(watch_time.count()) +
           "&resourceVersion=" + percent_encoded(version_) + what_.query;
  return what_.path + "?limit=" + std::to_string(page_) + what_.query +
         (next_page_.empty() ? "" : "&continue=" + percent_encoded(next_page_));
}

std::chrono::milliseconds Following::timeout() const { return phase_ == Phase::watch ? watch_time + 30s : list_timeout; }

void Following::answered(int status) {
  if (phase_ == Phase::list || status != 200) return;
  heard_ = true;
  set_trouble({});
}

bool Following::take(int status, std::string_view bytes) {
  if (phase_ == Phase::list || status != 200) {
    if (body_.size() + bytes.size() > longest_page) return false;
    body_.append(bytes);
    return true;
  }
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    body_.append(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    broken_ = !(body_.empty() || take_event(body_));
    OPENSSL_cleanse(body_.data(), body_.size());
    body_.clear();
    if (broken_) return false;
  }
  body_.append(bytes);
  return body_.size() <= longest_event;
}

void Following::put(const Json& object, Objects& into) {
  const Json* metadata = member(object, "metadata");
  const std::string key = std::string(text(member(metadata, "namespace"))) + "/" + text_of(*metadata, "name");
  if (ObjectPtr read = what_.read(object)) into.insert_or_assign(key, std::move(read));
  else into.erase(key);
}

// False: it is no event that we know, and what follows cannot be trusted.
bool Following::take_event(std::string_view line) {
  const Json event = parsed(line);
  const std::string_view type = text(member(event, "type"));
  const Json* object = member(event, "object");
  if (object == nullptr) return false;
  if (type == "ERROR") {
    const Json* code = member(object, "code");
    gone_ = code != nullptr && code->is_number_integer() && code->get<int>() == gone;
    return gone_;
  }
  const Json* metadata = member(object, "metadata");
  const std::string_view version = text(member(metadata, "resourceVersion"));
  if (version.empty()) return false;
  if (type == "ADDED" || type == "MODIFIED") {
    put(*object, objects_);
    changed_ = true;
  } else if (type == "DELETED") {
    objects_.erase(std::string(text(member(metadata, "namespace"))) + "/" + text_of(*metadata, "name"));
    changed_ = true;
  } else if (type != "BOOKMARK") {
    return false;
  }
  version_ = version;
  lively_ = true;
  return true;
}

void Following::ended(const Outcome& outcome, const std::string& server, Clock::time_point now) {
  if (phase_ == Phase::watch) return watch_ended(outcome, server, now);
  if (const auto* failure = std::get_if<FetchFailure>(&outcome)) {
    if (failure->kind == FetchFailure::Kind::too_large && page_ > 1) {
      page_ = std::max(1, page_ / 8);
      list_anew();
    }
    return fail({reason_of(failure->kind), server + what_.path, what_.words + ": " + failure->why}, now);
  }
  const auto& answer = std::get<Fetched>(outcome);
  const SecretText body = std::exchange(body_, {});
  if (answer.status == 200) return list_ended(body, server, now);
  // The pages of a list that is as old as its server remembers: client-go, too, then asks for all of it at once.
  if (answer.status == gone && !next_page_.empty()) page_ = 0;
  list_anew();
  fail(refusal(answer.status, body, server), now, retry_after(answer));
}

void Following::list_anew() {
  listed_.clear();
  next_page_.clear();
}

void Following::list_ended(std::string_view body, const std::string& server, Clock::time_point now) {
  const Json page = parsed(body);
  const Json* metadata = member(page, "metadata");
  const std::string_view version = text(member(metadata, "resourceVersion"));
  if (version.empty()) {
    list_anew();
    return fail({SourceReason::bad_syntax, server + what_.path, what_.words + ": the answer is no list"}, now);
  }
  for (const Json& item : items(member(page, "items")))
    if (member(item, "metadata") != nullptr) put(item, listed_);
  next_page_ = text(member(metadata, "continue"));
  due_ = now;
  if (!next_page_.empty()) return;
  objects_ = std::exchange(listed_, {});
  version_ = version;
  phase_ = Phase::watch;
  changed_ = true;
  set_trouble({});
  settle();
}

// A watch that was answered and has ended is nobody's fault: it goes on from the last version it heard of.
void Following::watch_ended(const Outcome& outcome, const std::string& server, Clock::time_point now) {
  const auto* answer = std::get_if<Fetched>(&outcome);
  const SecretText body = std::exchange(body_, {});
  if (gone_ || (answer != nullptr && answer->status == gone)) {
    phase_ = Phase::list;
    list_anew();
    due_ = now + backoff();
    return;
  }
  if (broken_) {
    phase_ = Phase::list;
    list_anew();
    return fail({SourceReason::bad_syntax, server + what_.path, what_.words + ": the watch told what is no event"}, now);
  }
  if (heard_) {
    const bool worked = lively_ || now - began_ > 1s;
    if (worked) failures_ = 0;
    due_ = now + (worked ? std::chrono::milliseconds(random_() % 50) : backoff());
    return;
  }
  if (answer == nullptr) {
    const auto& failure = std::get<FetchFailure>(outcome);
    return fail({reason_of(failure.kind), server + what_.path, what_.words + ": " + failure.why}, now);
  }
  fail(refusal(answer->status, body, server), now, retry_after(*answer));
}

void Following::not_asked(const Trouble& trouble, Clock::time_point now) { fail(trouble, now); }

Trouble Following::refusal(int status, std::string_view body, const std::string& server) const {
  const bool forbidden = status == 401 || status == 403;
  const SourceReason reason = forbidden       ? SourceReason::permission_denied
                              : status == 404 ? SourceReason::not_found
                                              : SourceReason::http_status;
  std::string detail = what_.words + ": status " + std::to_string(status);
  if (const std::string said = text_of(parsed(body), "message"); !said.empty()) detail += ": " + said.substr(0, 300);
  return {reason, server + what_.path, std::move(detail)};
}

void Following::fail(Trouble trouble, Clock::time_point now, std::chrono::milliseconds at_least) {
  set_trouble(std::move(trouble));
  settle();
  due_ = now + std::max(backoff(), at_least);
}

void Following::set_trouble(std::optional<Trouble> trouble) {
  changed_ = changed_ || trouble != trouble_;
  trouble_ = std::move(trouble);
}

void Following::settle() { changed_ = !std::exchange(settled_, true) || changed_; }

// Doubled each time, and somewhere between half of it and the whole: those that lost the same server do not come back together.
std::chrono::milliseconds Following::backoff() {
  const auto pause = std::min<std::chrono::milliseconds>(first_pause * (1 << std::min(failures_, 8)), longest_pause);
  ++failures_;
  std::uniform_int_distribution<std::int64_t> jitter(pause.count() / 2, pause.count());
  return std::chrono::milliseconds(jitter(random_));
}

}  // namespace exporter::cluster
