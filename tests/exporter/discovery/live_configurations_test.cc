// Debian's own haproxy and nginx with configurations as people write them: what discovery finds in the configuration is compared
// with what `openssl s_client` is given by the server that runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "config/address.h"
#include "exporter/discovery/haproxy_configuration.h"
#include "exporter/discovery/nginx_configuration.h"
#include "exporter/discovery/server_configurations.h"
#include "tests/support/probing.h"
#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace exporter::discovery {
namespace {

namespace fs = std::filesystem;
using namespace tests::support;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::StartsWith;

probes::tls::Ptr<X509> certificate_in(const std::string& text) {
  const probes::tls::Ptr<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return probes::tls::Ptr<X509>(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// What the server at `address` gives a client that asks for `name` (nothing: names nobody).
std::string given(const std::string& address, const std::string& name, bool rsa_only) {
  const std::string command = "openssl s_client -connect " + address +
                              (name.empty() ? " -noservername" : " -servername " + name) +
                              (rsa_only ? " -sigalgs RSA-PSS+SHA256:RSA+SHA256" : "") + " </dev/null 2>/dev/null";
  std::string text;
  FILE* const pipe = popen(command.c_str(), "r");
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) text += static_cast<char>(c);
  pclose(pipe);
  const auto certificate = certificate_in(text);
  return certificate ? pem(certificate.get()) : "";
}

class LiveConfigurations : public testing::Test {
 protected:
  // A certificate for `names` with its key, as haproxy wants them, in `file`; its PEM.
  std::string write(const std::string& file, const std::vector<std::string>& names, const std::string& key = "EC:P-256") {
    std::vector<std::string> alternative;
    for (const std::string& name : names) alternative.push_back("DNS:" + name);
    const Issued leaf = issue({.common_name = file.substr(file.rfind('/') + 1), .names = alternative, .key = key}, &root_);
    fs::create_directories(fs::path(folder_.path() + "/" + file).parent_path());
    folder_.write(file, pem(leaf.certificate.get()) + pem(root_.certificate.get()) + pem(leaf.key.get()));
    return pem(leaf.certificate.get());
  }

  // Every candidate is given the certificate of its file, and one that carries its name where that is judged; the certificates
  // that were given or are watched where they lie.
  static std::set<std::string> seen(const Look& look) {
    std::set<std::string> all;
    for (const Candidate& candidate : look.found) {
      const std::string address = config::address_text({candidate.host, candidate.port});
      const std::string served = given(address, candidate.server_name, candidate.rsa_only);
      const auto certificate = certificate_in(served);
      EXPECT_TRUE(certificate) << candidate.name << " is given none";
      if (!certificate) continue;
      all.insert(served);
      const std::string& file = candidate.certificate_file;
      EXPECT_EQ(served, file.empty() ? served : leaf_of(file)) << candidate.name;
      const bool carried = X509_check_host(certificate.get(), candidate.server_name.c_str(), 0, 0, nullptr) == 1;
      EXPECT_TRUE(carried || !candidate.name_judged) << candidate.name;
    }
    for (const std::string& path : look.certificate_files) all.insert(leaf_of(path));
    return all;
  }

  static std::string leaf_of(const std::string& path) {
    const probes::tls::Ptr<BIO> bio(BIO_new_file(path.c_str(), "r"));
    const probes::tls::Ptr<X509> leaf(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    return leaf ? pem(leaf.get()) : path + " holds none";
  }

  static std::vector<std::string> places(const Look& look) {
    std::vector<std::string> all;
    for (const Trouble& trouble : look.troubles.named()) all.push_back(place_text(trouble) + " " + trouble.detail);
    return all;
  }

  Issued root_ = root();
  TemporaryFolder folder_;
};

TEST_F(LiveConfigurations, EveryCertificateThatHaproxyServesIsSeen) {
  std::set<std::string> certificates;
  certificates.insert(write("certs/a.pem", {"a.test", "*.w.test"}));
  certificates.insert(write("certs/b.pem", {"b.test", "x.w.test"}));
  certificates.insert(write("certs/nobody.pem", {}));
  certificates.insert(write("certs/twin.pem.ecdsa", {"twin.test"}));
  certificates.insert(write("certs/twin.pem.rsa", {"twin.test"}, "RSA:2048"));
  certificates.insert(write("list/filtered.pem", {"*.shop.test"}));
  certificates.insert(write("list/first.pem", {"first.test"}));
  write("certs/.hidden.pem", {"hidden.test"});
  folder_.write("certs/b.pem.key", "not looked at, for b.pem has its own");
  folder_.write("crt.list", "first.pem [verify none]\nfiltered.pem *.shop.test !wildcard.shop.test\n");
  std::vector<std::uint16_t> ports;
  for (int count = 0; count < 5; ++count) ports.push_back(closed_port());
  const auto at = [&](std::size_t index) { return "127.0.0.1:" + std::to_string(ports[index]); };
  const std::string file = folder_.write(
      "haproxy.cfg", "global\n crt-base " + folder_.path() + "/list\n setenv FROM_ITSELF " + folder_.path() +
                         "/certs\ndefaults\n mode http\n timeout client 5s\n timeout server 5s\n timeout connect 5s\nfrontend "
                         "folder\n bind " +
                         at(0) + " ssl crt \"${FROM_ITSELF}\"\nfrontend list\n bind " + at(1) + " ssl crt-list " +
                         folder_.path() + "/crt.list\nfrontend strict\n bind " + at(2) +
                         " ssl strict-sni crt \"${H_READERS_CERTS}/\"\nfrontend pair\n bind " + at(3) + " ssl crt " +
                         folder_.path() + "/certs/twin.pem\nfrontend tcp\n mode tcp\n bind " + at(4) + " ssl crt " +
                         folder_.path() + "/certs/nobody.pem\n");
  setenv("H_READERS_CERTS", (folder_.path() + "/certs").c_str(), 1);
  const Process haproxy({"haproxy", "-f", file}, folder_.path() + "/log");
  unsetenv("H_READERS_CERTS");
  ASSERT_TRUE(haproxy.listens(ports[4]));
  const Look look = ServerConfigurations({file}, "haproxy", &read_haproxy).look({});
  EXPECT_THAT(seen(look), IsSupersetOf(certificates));
  EXPECT_THAT(places(look), IsEmpty());
  EXPECT_TRUE(look.complete);
  std::set<std::uint16_t> asked;
  for (const Candidate& candidate : look.found) {
    asked.insert(candidate.port);
    EXPECT_EQ(candidate.protocol, candidate.name.starts_with("tcp") ? any_protocol : "https") << candidate.name;
  }
  EXPECT_EQ(asked, std::set(ports.begin(), ports.end()));
}

TEST_F(LiveConfigurations, ANewCertificateInAFolderIsFoundAndAnotherFileNamed) {
  write("certs/a.pem", {"a.test"});
  const std::string file = folder_.write("haproxy.cfg", "frontend f\n bind 127.0.0.1:1 ssl crt " + folder_.path() + "/certs/\n");
  ServerConfigurations source({file}, "haproxy", &read_haproxy);
  EXPECT_THAT(source.look({}).found, testing::SizeIs(1));
  write("certs/b.pem", {"b.test"});
  folder_.write("certs/notes", "read me");
  const auto began = std::chrono::steady_clock::now();
  source.rest({}, std::chrono::minutes(1));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
  const Look look = source.look({});
  EXPECT_THAT(look.found, testing::SizeIs(2));
  EXPECT_THAT(places(look), ElementsAre(StartsWith(file + ":2 `" + folder_.path() + "/certs/notes`")));
}

TEST_F(LiveConfigurations, AFileThatCannotBeReadCountsAsItWas) {
  write("certs/a.pem", {"a.test"});
  const std::string list = folder_.write("crt.list", folder_.path() + "/certs/a.pem\n");
  const std::string file = folder_.write("haproxy.cfg", "frontend f\n bind 127.0.0.1:1 ssl crt-list " + list + "\n");
  ServerConfigurations source({file}, "haproxy", &read_haproxy);
  EXPECT_THAT(source.look({}).found, testing::SizeIs(1));
  fs::remove(list);
  const Look look = source.look({});
  EXPECT_THAT(look.found, testing::SizeIs(1));
  EXPECT_EQ(look.found.at(0).server_name, "a.test");
  EXPECT_FALSE(look.complete);
  EXPECT_THAT(places(look), ElementsAre(StartsWith(file + ":2 `" + list + "`")));
}

TEST_F(LiveConfigurations, EveryCertificateThatNginxServesIsSeen) {
  const std::map<std::string, std::vector<std::string>> names = {{"default", {"default.test"}},
                                                                 {"a", {"a.test", "www.a.test"}},
                                                                 {"wild", {"wild.test", "*.wild.test"}},
                                                                 {"one", {"one.narrow.test"}},
                                                                 {"regex", {"r1.test"}},
                                                                 {"narrow", {"one.narrow.test", "two.narrow.test"}},
                                                                 {"names/v1.test", {"v1.test"}},
                                                                 {"names/v2.vars.test", {"v2.vars.test"}}};
  std::set<std::string> certificates;
  for (const auto& [file, of] : names) certificates.insert(write(file + ".pem", of));
  fs::permissions(folder_.path(), fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
  const std::uint16_t port = closed_port(), other = closed_port();
  const auto server = [&](const std::string& of, const std::string& file, const std::string& more = "") {
    return "server { listen 127.0.0.1:" + std::to_string(port) + " ssl" + more + "; server_name " + of + "; ssl_certificate " +
           file + "; ssl_certificate_key " + file + "; }\n";
  };
  fs::create_directories(folder_.path() + "/sites");
  folder_.write("sites/1.conf", server("a.test www.a.test", "a.pem") + server(".wild.test", "wild.pem"));
  folder_.write("sites/2.conf", server("*.narrow.test", "narrow.pem") + server("\"~^r\\d\\.test$\"", "regex.pem"));
  folder_.write("nginx.conf",
                "daemon off; master_process off; pid nginx.pid; error_log stderr; events {}\ninclude modules/*.conf;\nhttp { "
                "access_log off;\nclient_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; "
                "scgi_temp_path tmp;\n" +
                    server("one.narrow.test", "one.pem") + server("_", "default.pem", " default_server") +
                    "include sites/*.conf;\nserver { listen 127.0.0.1:" + std::to_string(other) +
                    " ssl; server_name v1.test *.vars.test; ssl_certificate names/$ssl_server_name.pem; ssl_certificate_key "
                    "names/$ssl_server_name.pem; } }\n");
  const Process nginx({"nginx", "-e", "stderr", "-p", folder_.path(), "-c", folder_.path() + "/nginx.conf"},
                      folder_.path() + "/log");
  ASSERT_TRUE(nginx.listens(port) && nginx.listens(other));
  const Look look = ServerConfigurations({folder_.path() + "/nginx.conf"}, "nginx", &read_nginx).look({});
  EXPECT_THAT(seen(look), IsSupersetOf(certificates));
  EXPECT_THAT(places(look), IsEmpty());
}

}  // namespace
}  // namespace exporter::discovery
