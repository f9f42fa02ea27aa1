#include "probes/revocation/places.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "probes/observations/wall_time.h"
#include "probes/revocation/ocsp_request.h"
#include "probes/revocation/pointers.h"
#include "probes/tls/certificate_facts.h"

namespace probes::revocation {

using observations::RevocationMethod;
using observations::SourceReason;
using observations::Trouble;
using std::chrono::milliseconds;

struct Places::Entry {
  std::string key;
  PlacePtr place;
  RevocationMethod method = RevocationMethod::crl;
  std::string host;
  milliseconds refresh{};
  Asked asked;            // of an answer; of a list its URL and the issuer
  Validators validators;  // of a list
  std::optional<std::chrono::sys_seconds> until;
  int failures = 0;       // in a row
  bool recalled = false;  // it was looked for what an earlier run had kept of it
};

struct Places::Host {
  std::multimap<Moment, EntryPtr> due;
  bool busy = false;  // a request to it is under way
  Moment held{};      // nothing is asked of it before, because everything fails
  std::optional<Trouble> trouble;
};

namespace {

// A place is never asked more often than this, whatever a list's dates say.
constexpr milliseconds least(1000);

// "http://a.example:8080/x" -> "a.example:8080"
std::string host_of(const std::string& url) {
  const std::size_t from = url.find("://") + 3;
  return url.substr(from, url.find_first_of("/?#", from) - from);
}

observations::RevocationList facts_of(const List& list, const std::string& url, X509* issuer) {
  observations::RevocationList facts{.path = url,
                                     .issuer = tls::name_text(list.issuer()),
                                     .number = list.number(),
                                     .this_update = list.this_update(),
                                     .next_update = list.next_update(),
                                     .revoked = list.entries(),
                                     .part = list.scope_der(),
                                     .delta = list.base_number() != nullptr};
  if (issuer != nullptr && X509_NAME_cmp(X509_get_subject_name(issuer), list.issuer()) == 0)
    facts.genuine = list.signed_by(X509_get0_pubkey(issuer));
  return facts;
}

}  // namespace

Places::Places(Report report, Keeper* keeper)
    : Places(
          std::move(report), Limits{}, [] { return observations::wall_seconds(); }, keeper) {}

Places::Places(Report report, const Limits& limits, Clock clock, Keeper* keeper)
    : report_(std::move(report)), limits_(limits), clock_(std::move(clock)), keeper_(keeper), random_(std::random_device{}()) {}

Places::~Places() { stop(); }

void Places::stop() {
  std::vector<std::jthread> threads;
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    threads.swap(threads_);
  }
  for (std::jthread& thread : threads) thread.request_stop();
}

PlacePtr Places::list_at(const std::string& url, milliseconds refresh, X509* issuer) {
  if (!may_be_asked(url)) return nullptr;
  const auto made = std::make_shared<Entry>();
  made->asked = {.url = url, .certificate = nullptr, .issuer = issuer == nullptr ? nullptr : tls::share(issuer)};
  return place_of(url, made, refresh);
}

PlacePtr Places::answer_about(const Query& query, milliseconds refresh) {
  if (!may_be_asked(query.url)) return nullptr;
  const auto made = std::make_shared<Entry>();
  made->method = RevocationMethod::ocsp;
  made->asked = {
      .url = query.url, .certificate = tls::share(query.certificate), .issuer = tls::share(query.issuer), .nonce = query.nonce};
  // A URL holds no line break.
  return place_of(query.url + "\n" + ocsp_request(query.certificate, query.issuer, false).id + (query.nonce ? "n" : ""), made,
                  refresh);
}

PlacePtr Places::place_of(const std::string& key, const EntryPtr& made, milliseconds refresh) {
  const std::scoped_lock lock(mutex_);
  if (const auto known = entries_.find(key); known != entries_.end()) {
    known->second->refresh = std::min(known->second->refresh, refresh);
    known->second->place->want(clock_());
    return known->second->place;
  }
  const bool is_list = made->method == RevocationMethod::crl;
  std::size_t& count = is_list ? lists_ : answers_;
  if (count >= (is_list ? limits_.lists : limits_.answers)) return nullptr;
  ++count;
  made->key = key;
  made->place = std::make_shared<Place>(made->asked.url);
  made->place->want(clock_());
  made->host = host_of(made->asked.url);
  made->refresh = std::max(refresh, least);
  entries_.emplace(key, made);
  const Host& host = hosts_[made->host];
  if (host.trouble && host.held > std::chrono::steady_clock::now())
    made->place->tell({.asked = true, .trouble = host.trouble->detail});
  plan(made, milliseconds::zero());
  if (threads_.size() < limits_.workers && !stopped_)
    threads_.emplace_back([this](const std::stop_token& stopping) { run(stopping); });
  return made->place;
}

// REQUIRES: mutex_ is held.
void Places::plan(const EntryPtr& entry, milliseconds from_now) {
  hosts_[entry->host].due.emplace(std::chrono::steady_clock::now() + from_now, entry);
  ++changes_;
  wake_.notify_one();
}

// The next one whose time has come, of a host that nobody is asking; `next`: when to look again. REQUIRES: mutex_ is held.
Places::EntryPtr Places::take_due(Moment now, Moment& next) {
  for (auto& [name, host] : hosts_) {
    if (host.busy || host.due.empty()) continue;
    const Moment due = std::max(host.due.begin()->first, host.held);
    next = std::min(next, due);
    if (due > now) continue;
    EntryPtr entry = std::move(host.due.begin()->second);
    host.due.erase(host.due.begin());
    host.busy = true;
    return entry;
  }
  return nullptr;
}

void Places::run(const std::stop_token& stopping) {
  std::unique_lock lock(mutex_);
  while (!stopping.stop_requested()) {
    const Moment now = std::chrono::steady_clock::now();
    Moment next = now + std::chrono::minutes(1);
    const EntryPtr entry = take_due(now, next);
    if (!entry) {
      wake_.wait_until(lock, stopping, next, [&, seen = changes_] { return changes_ != seen; });
      continue;
    }
    lock.unlock();
    attempt(entry, stopping);
    lock.lock();
    const auto host = hosts_.find(entry->host);
    host->second.busy = false;
    if (host->second.due.empty()) hosts_.erase(host);
    ++changes_;
    wake_.notify_one();
  }
}

void Places::attempt(const EntryPtr& entry, const std::stop_token& stopping) {
  const std::chrono::sys_seconds now = clock_();
  if (forget(entry, now)) return;
  const bool is_list = entry->method == RevocationMethod::crl;
  Attempt found = is_list ? fetch_list(entry->asked.url, entry->validators, limits_.timeout, stopping)
                          : ask_responder(entry->asked, limits_.timeout, now, stopping);
  if (stopping.stop_requested()) return;
  if (is_list && keeper_ != nullptr) recall(*entry, found);
  PlaceReport report{.method = entry->method, .url = entry->asked.url, .trouble = {}, .list = {}};
  {
    const std::scoped_lock lock(mutex_);
    if (found.list && bytes_of_others(*entry) + found.list->bytes() > limits_.list_bytes)
      found = {.trouble = Trouble{SourceReason::too_large, report.url, "all lists together would take too much memory"}};
    report.trouble = found.trouble;
    take(*entry, std::move(found), now);
    plan(entry, due_in(*entry, now));
  }
  if (const Told told = entry->place->told(); told.list)
    report.list = facts_of(*told.list, entry->asked.url, entry->asked.issuer.get());
  if (report_) report_(report);
}

// Where a list cannot be had and none was since the start, the one of an earlier run is in use until it can, or lapses.
void Places::recall(Entry& entry, Attempt& found) {
  if (found.body && found.list != entry.place->told().list) keeper_->keep(entry.asked.url, found.body);
  if (!found.trouble || std::exchange(entry.recalled, true) || entry.place->told().list) return;
  if (const auto body = keeper_->kept(entry.asked.url)) found.list = read_list(*body);
}

// REQUIRES: mutex_ is held.
void Places::take(Entry& entry, Attempt found, std::chrono::sys_seconds now) {
  Told told = entry.place->told();
  const bool first = !std::exchange(told.asked, true);
  if (found.trouble) {
    ++entry.failures;
    told.trouble = found.trouble->detail;
    if (found.list) told.list = std::move(found.list);  // recalled
    if (found.host_fails) hold(entry, *found.trouble);
  } else {
    entry.failures = 0;
    hosts_[entry.host].trouble.reset();
    hosts_[entry.host].held = {};
    told.trouble.clear();
    if (found.answer) told.answer = std::move(found.answer);
    // One that was made before the one we have takes nothing back.
    if (found.list && (!told.list || told.list->this_update() <= found.list->this_update())) told.list = std::move(found.list);
    entry.validators = std::move(found.validators);
    entry.until = told.list ? told.list->next_update() : found.until;
    if (entry.until && *entry.until <= now) entry.failures = 1;  // it has lapsed: its successor may come any moment
  }
  const Told before = entry.place->told();
  const bool same = !first && before.list == told.list && before.trouble == told.trouble &&
                    (before.answer == told.answer || (before.answer && told.answer && *before.answer == *told.answer));
  if (!same) entry.place->tell(std::move(told));
}

// What else waits to be asked of this host for the first time fails like this one. REQUIRES: mutex_ is held.
void Places::hold(const Entry& entry, const Trouble& trouble) {
  Host& host = hosts_[entry.host];
  host.held = std::chrono::steady_clock::now() + retry(entry);
  host.trouble = trouble;
  for (const auto& [due, other] : host.due)
    if (!other->place->told().asked) other->place->tell({.asked = true, .trouble = trouble.detail});
}

// True where nobody wants it any more.
bool Places::forget(const EntryPtr& entry, std::chrono::sys_seconds now) {
  if (now - entry->place->wanted() <= limits_.kept) return false;
  PlaceReport report{.method = entry->method, .url = entry->asked.url, .forgotten = true, .trouble = {}, .list = {}};
  {
    const std::scoped_lock lock(mutex_);
    entries_.erase(entry->key);
    entry->place->tell({});  // a judgement that still remembers it is made anew, and wants it again
    --(entry->method == RevocationMethod::crl ? lists_ : answers_);
    report.forgotten = std::ranges::none_of(entries_, [&](const auto& one) { return one.second->asked.url == report.url; });
  }
  if (report.forgotten && report_) report_(report);
  return true;
}

// REQUIRES: mutex_ is held.
milliseconds Places::jittered(milliseconds time) {
  return std::chrono::duration_cast<milliseconds>(time * std::uniform_real_distribution<double>(0.8, 1.0)(random_));
}

// Before what was told ends. An answer is asked for once and kept; a list may be made anew before its time. REQUIRES: mutex_ is
// held.
milliseconds Places::due_in(const Entry& entry, std::chrono::sys_seconds now) {
  if (entry.failures > 0) return retry(entry);
  milliseconds time = entry.refresh;
  if (entry.until) {
    const milliseconds end = milliseconds(*entry.until - now) * 9 / 10;
    time = entry.method == RevocationMethod::ocsp ? end : std::min(time, end);
  }
  return std::max(least, jittered(time));
}

std::size_t Places::bytes_of_others(const Entry& entry) const {
  std::size_t bytes = 0;
  for (const auto& [key, other] : entries_)
    if (other.get() != &entry && other->method == RevocationMethod::crl)
      if (const ListPtr list = other->place->told().list) bytes += list->bytes();
  return bytes;
}

// REQUIRES: mutex_ is held.
milliseconds Places::retry(const Entry& entry) {
  const int doublings = std::clamp(entry.failures - 1, 0, 10);
  return jittered(std::min({limits_.first_retry * (1 << doublings), limits_.longest_retry, entry.refresh}));
}

}  // namespace probes::revocation
