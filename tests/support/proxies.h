// The proxies of this machine, in the foreground, on 127.0.0.1. Each takes the login watcher:secret where `login` says so.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace tests::support {

// squid, which knows inner.estate.test as 127.0.0.1 and lets nobody through to forbidden.estate.test.
inline std::unique_ptr<Process> start_squid(const TemporaryFolder& folder, std::uint16_t port, bool login) {
  const std::string& here = folder.path();
  const std::string hosts = folder.write("hosts", "127.0.0.1 inner.estate.test forbidden.estate.test\n");
  // apr1 of "secret".
  const std::string users = folder.write("users", "watcher:$apr1$salt$VEpBc9VHGUKwI9.yg13Iu0\n");
  const std::string authentication = login ? "auth_param basic program /usr/lib/squid/basic_ncsa_auth " + users +
                                                 "\nauth_param basic children 1\nacl known proxy_auth REQUIRED\n"
                                           : std::string();
  const std::string path = folder.write(
      "squid.conf", "http_port 127.0.0.1:" + std::to_string(port) +
                        "\npid_filename none\naccess_log none\ncache deny all\nvisible_hostname proxy.estate.test\n"
                        "shutdown_lifetime 0 seconds\nconnect_timeout 5 seconds\ncoredump_dir " +
                        here + "\ncache_log " + here + "/squid.log\nhosts_file " + hosts + "\n" + authentication +
                        "acl forbidden dstdomain forbidden.estate.test\nhttp_access deny forbidden\nhttp_access allow " +
                        (login ? "known" : "all") + "\nhttp_access deny all\n");
  for (const std::string& mine : {here, hosts, users, path})  // squid gives up its rights
    std::filesystem::permissions(mine, std::filesystem::perms::all);
  return std::make_unique<Process>(std::vector<std::string>{"squid", "-N", "-f", path}, here + "/squid.out");
}

// tinyproxy, which lets through to every port.
inline std::unique_ptr<Process> start_tinyproxy(const TemporaryFolder& folder, std::uint16_t port, bool login) {
  const std::string path = folder.write("tinyproxy.conf", "Listen 127.0.0.1\nPort " + std::to_string(port) +
                                                              "\nTimeout 5\nMaxClients 20\nAllow 127.0.0.1\n" +
                                                              (login ? "BasicAuth watcher secret\n" : ""));
  return std::make_unique<Process>(std::vector<std::string>{"tinyproxy", "-d", "-c", path}, folder.path() + "/tinyproxy.out");
}

inline std::unique_ptr<Process> start_microsocks(const TemporaryFolder& folder, std::uint16_t port, bool login) {
  std::vector<std::string> command{"microsocks", "-i", "127.0.0.1", "-p", std::to_string(port)};
  if (login) command.insert(command.end(), {"-u", "watcher", "-P", "secret"});
  return std::make_unique<Process>(std::move(command), folder.path() + "/microsocks.out");
}

// dante, which lets nobody through to 127.0.0.2.
inline std::unique_ptr<Process> start_dante(const TemporaryFolder& folder, std::uint16_t port) {
  const std::string path = folder.write("danted.conf", "logoutput: stderr\ninternal: 127.0.0.1 port = " + std::to_string(port) +
                                                           "\nexternal: 127.0.0.1\nclientmethod: none\nsocksmethod: none\n"
                                                           "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
                                                           "socks block { from: 0.0.0.0/0 to: 127.0.0.2/32 }\n"
                                                           "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n");
  return std::make_unique<Process>(std::vector<std::string>{"danted", "-f", path, "-p", folder.path() + "/danted.pid"},
                                   folder.path() + "/danted.out");
}

}  // namespace tests::support
