// Compares what others expect of their certificates with what we say, row by row, and counts. Shared by the corpus tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "probes/tls/handles.h"

namespace tests::corpus {

struct Row {
  std::string id;
  std::string expected;
  std::string actual;
};

[[nodiscard]] int agreeing(const std::vector<Row>& rows);

// Prints "name 161/162" and every row that differs.
void print(const std::string& name, const std::vector<Row>& rows);

// Would the comparison notice a wrong expectation? True when turning any single one costs exactly one agreement.
[[nodiscard]] bool notices_a_flip(std::vector<Row> rows);

// The rows of a tab-separated file below its heading; short rows are filled with empty cells.
[[nodiscard]] std::vector<std::vector<std::string>> table(const std::filesystem::path& file, std::size_t columns);

// Every certificate of a PEM or DER file, or of PEM text.
[[nodiscard]] std::vector<probes::tls::Ptr<X509>> certificates(const std::filesystem::path& file);
[[nodiscard]] std::vector<probes::tls::Ptr<X509>> certificates_in(const std::string& pem);

[[nodiscard]] std::vector<X509*> borrowed(const std::vector<probes::tls::Ptr<X509>>& certificates);

// What a command prints, standard error included.
[[nodiscard]] std::string output_of(const std::string& command);

}  // namespace tests::corpus
