// The mistakes of somebody who writes this file for the first time: each is told where it is, and with a sentence that helps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"

namespace config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Vocabulary vocabulary() {
  return {.protocols = {"tls", "https"}, .findings = {}, .reserved_labels = {"target"}, .default_ports = {}};
}

std::string told(const std::string& text) {
  try {
    (void)load_text(text, "f", vocabulary());
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "taken";
}

struct Slip {
  const char* name;
  std::string written;
  const char* place;
  const char* help;
};

// A test's name is the same in every run.
void PrintTo(const Slip& slip, std::ostream* out) { *out << slip.name; }

class Newcomer : public testing::TestWithParam<Slip> {};

TEST_P(Newcomer, IsToldWhatToWrite) {
  EXPECT_THAT(told(GetParam().written), StartsWith(GetParam().place));
  EXPECT_THAT(told(GetParam().written), HasSubstr(GetParam().help));
}

INSTANTIATE_TEST_SUITE_P(
    Slips, Newcomer,
    testing::Values(
        Slip{"ATab", "targets:\n\t- {address: 'a:1'}\n", "f:2:", "indent with spaces, not tabs"},
        Slip{"AVariable", "trust: {t: {ca_files: ['${CA_FILE}']}}\n",
             "f:1:24:", "`${CA_FILE}` would be a variable of the environment"},
        Slip{"AVariableWithADefault", "targets: [{address: '${HOST:-a}:1'}]\n",
             "f:1:21:", "write the value; secrets stand in files"},
        Slip{"AModuleOfBlackboxExporter", "modules:\n  http_2xx:\n    prober: http\n", "f:3:5: unknown key `prober`",
             "deploy/convert"},
        Slip{"AnotherTlsConfig", "modules: {m: {tls_config: {ca_file: a}}}\n", "f:1:15:", "client certificates are `identity`"},
        Slip{"PrometheussOwn", "scrape_configs: []\n", "f:1:1:", "prometheus.yml"},
        Slip{"TheFileOfTheWeb", "tls_server_config: {}\n", "f:1:1:", "--web.config.file"},
        Slip{"AFlag", "log.level: warning\n", "f:1:1:", "a flag of the command line"},
        Slip{"APatternWithoutQuotes", "files:\n  - name: web\n    paths: [*.pem]\n",
             "f:3:", "put patterns in quotes, like \"*.pem\""},
        Slip{"APatternInAList", "files:\n  - name: web\n    paths:\n      - *.pem\n", "f:4:", "put patterns in quotes"},
        Slip{"NoColon", "targets:\n  - name: a\n    address \"a:1\"\n", "f:3:", "is a colon missing after `address`?"},
        Slip{"NoColonAtFirst", "targets:\n  - name a\n    address: 'a:1'\n", "f:", "is a colon missing after `name`?"},
        Slip{"NoSpace", "targets: [{name:a, address: 'a:1'}]\n", "f:1:12:", "a space is missing after `name:`"},
        Slip{"AListOfAddresses", "targets:\n  - a.internal:443\n", "f:2:5:", "write {address: \"a.internal:443\"}"},
        Slip{"AWordForASection", "modules: {m: {client_auth: required}}\n", "f:1:28:", "write {expect: \"required\"}"},
        Slip{"AnotherNameOfTheCertificate", "identities: {a: {cert_file: x, key_file: y}}\n", "f:", "write `certificate_file`"},
        Slip{"ASecretInTheFile", "files: [{name: a, paths: [x], passphrase: secret}]\n",
             "f:1:31:", "secrets stand in files of their own"},
        Slip{"AnAtSign", "targets: [{address: 'a:1', labels: {owner: @team}}]\n", "f:1:44:", "needs quotes"}),
    [](const auto& slip) { return slip.param.name; });

// What looks like one of these and is none.
TEST(NewcomersMistakes, AreNotSeenWhereThereAreNone) {
  EXPECT_EQ(told("targets: [{address: 'a:1', labels: {owner: 'costs $5 or ${ 6 }'}}]\n"), "taken");
  EXPECT_EQ(told("targets: [{address: 'a:1', labels: {owner: '${x}'}}]\n"), "taken") << "the environment's names are in capitals";
  EXPECT_EQ(told("files:\n  - name: web\n    paths: ['*.pem', \"**/*.crt\"]\n"), "taken");
  EXPECT_THAT(told("targets: [{adress: 'a:1'}]\n"), HasSubstr("did you mean `address`?"));
  EXPECT_EQ(told("files: [{name: a, paths: [x], passphrase: secret}]\n").find("`secret`"), std::string::npos) << "it may be one";
}

}  // namespace
}  // namespace config
