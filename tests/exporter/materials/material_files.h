// A configuration whose files lie in a folder of its own: one identity, "a", that should chain to the trust store "internal", a
// folder with one anchor. The identity's files are not there before a test writes them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "config/settings.h"
#include "probes/observations/finding.h"
#include "tests/support/test_ca.h"

namespace exporter {

class MaterialFiles : public testing::Test {
 protected:
  MaterialFiles() {
    settings->identities["a"] = {.name = "a",
                                 .certificate_file = path("tls/a.crt"),
                                 .key_file = path("tls/a.key"),
                                 .trust = "internal",
                                 .labels = {{"owner", "payments"}}};
    settings->trust["internal"] = {.name = "internal", .ca_files = {path("anchors")}, .labels = {{"owner", "pki"}}};
    write("anchors/root.pem", tests::support::pem(root.certificate.get()));
  }

  std::string path(const std::string& name) const { return folder.path() + "/" + name; }

  // Written beside and renamed, as careful tools do.
  void write(const std::string& name, const std::string& content) {
    std::filesystem::rename(folder.write_private(name + ".new", content), path(name));
  }
  void write_certificate(const tests::support::Issued& issued, const std::string& where = "tls") {
    write(where + "/a.crt", tests::support::pem(issued.certificate.get()));
  }
  void write_key(const tests::support::Issued& issued, const std::string& where = "tls") {
    write(where + "/a.key", tests::support::pem(issued.key.get()));
  }
  void write_pair(const tests::support::Issued& issued, const std::string& where = "tls") {
    write_certificate(issued, where);
    write_key(issued, where);
  }
  tests::support::Issued leaf(const std::string& name) const { return tests::support::issue({.common_name = name}, &root); }

  static auto finding(probes::observations::Finding wanted) {
    return testing::Field(&probes::observations::Problem::finding, wanted);
  }

  tests::support::TemporaryFolder folder;
  tests::support::Issued root = tests::support::root();
  std::shared_ptr<config::Settings> settings = std::make_shared<config::Settings>();
};

}  // namespace exporter
