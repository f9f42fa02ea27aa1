// nginx and haproxy of this machine, in the foreground, each with a configuration of the test's own.
#pragma once

#include <memory>
#include <string>

#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace tests::support {

// `http`: what stands in nginx's http block, besides where it may write.
inline std::unique_ptr<Process> start_nginx(const TemporaryFolder& folder, const std::string& http) {
  const std::string& here = folder.path();
  std::string config = "daemon off; master_process off; pid " + here + "/nginx.pid; events {}\nhttp {\n";
  for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    config += std::string(what) + "_temp_path " + here + "/" + what + ";\n";
  const std::string path = folder.write("nginx.conf", config + http + "\n}\n");
  return std::make_unique<Process>(std::vector<std::string>{"nginx", "-p", here, "-e", here + "/nginx.log", "-c", path},
                                   here + "/nginx.out");
}

// `frontend`: the lines of haproxy's frontend, in mode http, which answers 200 to whoever it lets in.
inline std::unique_ptr<Process> start_haproxy(const TemporaryFolder& folder, const std::string& frontend) {
  const std::string path = folder.write("haproxy.cfg",
                                        "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 2s\n"
                                        "frontend f\n  " +
                                            frontend + "\n  http-request return status 200\n");
  return std::make_unique<Process>(std::vector<std::string>{"haproxy", "-db", "-f", path}, folder.path() + "/haproxy.out");
}

}  // namespace tests::support
