// The editors' schema says what the loader does: the same sections, the same keys. schema_test.py validates values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "config/known_keys.h"
#include "config/load.h"
#include "config/yaml.h"

namespace config {
namespace {

const std::filesystem::path folder = std::filesystem::path(MTLS_SOURCE_DIR) / "config";

// The definitions of schema.json that describe a section: those that allow no other keys.
std::map<std::string, std::set<std::string>> sections_of_the_schema() {
  Mistakes mistakes("schema.json");
  const auto text = read_file((folder / "schema.json").string(), mistakes);
  const auto document = parse_yaml(text.value_or(""), mistakes);
  EXPECT_EQ(mistakes.text(), "");
  std::map<std::string, std::set<std::string>> sections;
  const Node* definitions = document ? document->root().find("definitions") : nullptr;
  if (definitions == nullptr) return sections;
  for (const auto& [name, definition] : definitions->entries()) {
    const Node* others = definition.find("additionalProperties");
    if (others == nullptr || others->text() != "false") continue;
    for (const auto& [key, value] : definition.find("properties")->entries()) sections[name.text()].insert(key.text());
  }
  return sections;
}

TEST(Schema, KnowsTheKeysThatTheLoaderKnows) {
  std::map<std::string, std::set<std::string>> loader;
  for (const auto& [section, keys] : known_keys()) loader[std::string(section)] = {keys.begin(), keys.end()};
  EXPECT_EQ(sections_of_the_schema(), loader);
  EXPECT_EQ(loader.size(), 29u);
}

TEST(Schema, FullExampleShowsEveryKey) {
  Mistakes mistakes("full.yml");
  const auto text = read_file((folder / "examples/full.yml").string(), mistakes).value_or("");
  for (const auto& [section, keys] : known_keys())
    for (const std::string_view key : keys)
      EXPECT_NE(text.find(std::string(key) + ":"), std::string::npos) << section << " " << key;
}

TEST(Examples, Load) {
  const Vocabulary vocabulary{
      .protocols = {"tls", "https"}, .findings = {"root_served"}, .reserved_labels = {"target", "identity"}};
  int examples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "examples")) {
    SCOPED_TRACE(entry.path());
    Settings settings;
    EXPECT_NO_THROW(settings = load(entry.path().string(), vocabulary));
    EXPECT_FALSE(settings.targets.empty());
    ++examples;
  }
  EXPECT_GE(examples, 3);
}

}  // namespace
}  // namespace config
