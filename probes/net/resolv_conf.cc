#include "probes/net/resolv_conf.h"

#include <tuple>
#include <utility>

#include "probes/observations/wall_time.h"

namespace probes::net {

namespace {

constexpr std::chrono::seconds between_looks{1};
constexpr std::chrono::milliseconds settled{100};

auto identity(const struct stat& file) {
  return std::tuple(file.st_dev, file.st_ino, file.st_size, file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
}

// Seen by the wall clock, as the time of the file is: written in the future is settled, too.
bool just_written(const struct stat& file) {
  const std::chrono::nanoseconds written =
      std::chrono::seconds(file.st_mtim.tv_sec) + std::chrono::nanoseconds(file.st_mtim.tv_nsec);
  const std::chrono::nanoseconds age = observations::wall_now().time_since_epoch() - written;
  return age >= age.zero() && age < settled;
}

}  // namespace

ResolvConf::ResolvConf(std::string path) : path_(std::move(path)), next_look_(Clock::now() + between_looks) {
  // Perhaps half written: then it is read again.
  if (stat(path_.c_str(), &read_) != 0 || just_written(read_)) read_ = {};
}

bool ResolvConf::changed(Clock::time_point now) {
  if (now < next_look_) return false;
  next_look_ = now + between_looks;
  struct stat file {};
  if (stat(path_.c_str(), &file) != 0 || identity(file) == identity(read_) || just_written(file)) return false;
  read_ = file;
  return true;
}

}  // namespace probes::net
