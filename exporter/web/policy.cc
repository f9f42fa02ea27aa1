#include "exporter/web/policy.h"

#include <sys/stat.h>

#include <algorithm>

#include "exporter/log.h"

namespace exporter::web {

PolicySource::Stamp PolicySource::stamp(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {.path = path};
  return {.path = path,
          .device = found.st_dev,
          .inode = found.st_ino,
          .size = static_cast<std::uint64_t>(found.st_size),
          .seconds = found.st_ctim.tv_sec,
          .nanoseconds = found.st_ctim.tv_nsec};
}

PolicyPtr PolicySource::load() {
  // The files of the last good reading stay watched while a new one fails: mending any of them is a change.
  std::vector<Stamp> before{stamp(path_)};
  for (const Stamp& earlier : seen_)
    if (earlier.path != path_) before.push_back(stamp(earlier.path));
  seen_ = before;
  const WebConfig config = load_web_config(path_);
  seen_.resize(1);
  auto policy = std::make_shared<Policy>();
  if (config.tls) {
    for (const std::string& file : {config.tls->cert_file, config.tls->key_file, config.tls->client_ca_file})
      if (!file.empty()) seen_.push_back(stamp(file));
    policy->tls = std::make_unique<const TlsAcceptor>(*config.tls);
  }
  policy->headers = config.headers;
  if (!config.users.empty()) policy->passwords = std::make_unique<Passwords>(config.users);
  if (config.rate_limit) policy->rate_limit = std::make_unique<RateLimit>(*config.rate_limit);
  return policy;
}

PolicyPtr PolicySource::renewed() {
  if (std::all_of(seen_.begin(), seen_.end(), [](const Stamp& seen) { return seen == stamp(seen.path); })) return nullptr;
  try {
    PolicyPtr policy = load();
    log(LogLevel::info, "web configuration re-read", {{"file", path_}});
    return policy;
  } catch (const std::exception& error) {
    log(LogLevel::warn, "web configuration not re-read, the old one stays in force", {{"file", path_}, {"error", error.what()}});
    return nullptr;
  }
}

}  // namespace exporter::web
