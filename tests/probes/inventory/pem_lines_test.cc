// PEM as other text has it: what stands in the block is the same each time.
#include "probes/inventory/pem_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/probes/inventory/reading.h"
#include "tests/probes/inventory/samples.h"
#include "tests/support/test_ca.h"

namespace probes::inventory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace tests::inventory;

class PemLines : public testing::Test {
 protected:
  const tests::support::Issued leaf_ = tests::support::issue({.common_name = "leaf"});
  const std::string text_ = tests::support::pem(leaf_.certificate.get());
};

TEST_F(PemLines, ABlockIsReadAsItStandsInOtherText) {
  const std::string in_one_line = text_.substr(0, text_.size() - 1);
  for (const auto& [where, file] : std::vector<std::pair<std::string, std::string>>{
           {"JSON", "{\"cert\": \"" + replaced(text_, "\n", "\\n") + "\"}"},
           {"JSON of Windows", "{\"cert\": \"" + replaced(text_, "\n", "\\r\\n") + "\"}"},
           {"JSON that escapes slashes", "{\"cert\": \"" + replaced(replaced(text_, "/", "\\/"), "\n", "\\n") + "\"}"},
           {"JSON that escapes for HTML",
            "{\"cert\": \"" + replaced(replaced(replaced(text_, "+", "\\u002B"), "=", "\\u003d"), "\n", "\\n") + "\"}"},
           {"YAML in quotes", "cert: \"" + replaced(text_, "\n", "\\n\\\n    ") + "\"\n"},
           {".properties", "cert=" + replaced(replaced(text_, "=", "\\="), "\n", "\\n\\\n    ") + "\n"},
           {".properties in lines", "cert=" + replaced(in_one_line, "\n", "\\\n    ") + "\n"},
           {"an environment variable", "CERT='" + replaced(in_one_line, "\n", " ") + "'\n"},
           {"without any break", "CERT=" + replaced(in_one_line, "\n", "") + "\n"},
           {"JavaScript", "const cert = \"" + replaced(in_one_line, "\n", "\\n\" +\n  \"") + "\";\n"},
           {"old Mac lines", replaced(text_, "\n", "\r")},
           {"Windows lines", replaced(text_, "\n", "\r\n")},
       }) {
    const auto found = read(file);
    EXPECT_THAT(names(found), ElementsAre(":0 leaf")) << where;
    EXPECT_THAT(reasons(found), IsEmpty()) << where;
  }
}

TEST_F(PemLines, WhatIsNoBase64IsStillNone) {
  for (const char* const body : {"\\n!!!!\\n", " ???? ", "\\"}) {
    const auto found = read("-----BEGIN CERTIFICATE-----" + std::string(body) + "-----END CERTIFICATE-----");
    EXPECT_THAT(names(found), IsEmpty()) << body;
    EXPECT_THAT(reasons(found), ElementsAre("bad_pem")) << body;
  }
}

// What OpenSSL refuses in lines of its own is not mended here.
TEST_F(PemLines, LinesAreLeftAsTheyAre) {
  EXPECT_EQ(pem_lines("  -----BEGIN X-----\n\n  AA AA\n  -----END X-----"), "-----BEGIN X-----\n\nAA AA\n-----END X-----\n");
}

}  // namespace
}  // namespace probes::inventory
