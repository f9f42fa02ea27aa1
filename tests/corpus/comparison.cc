#include "tests/corpus/comparison.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "probes/chain/anchor_files.h"

namespace tests::corpus {

using probes::tls::Ptr;

int agreeing(const std::vector<Row>& rows) {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), [](const Row& row) { return row.expected == row.actual; }));
}

void print(const std::string& name, const std::vector<Row>& rows) {
  std::cout << name << " " << agreeing(rows) << "/" << rows.size() << "\n";
  for (const Row& row : rows)
    if (row.expected != row.actual)
      std::cout << "  " << row.id << ": expected " << row.expected << ", got " << row.actual << "\n";
}

bool notices_a_flip(std::vector<Row> rows) {
  const int before = agreeing(rows);
  return before > 0 && std::all_of(rows.begin(), rows.end(), [&](Row& row) {
           if (row.expected != row.actual) return true;
           std::string kept = row.expected + " not";
           std::swap(kept, row.expected);
           const bool noticed = agreeing(rows) == before - 1;
           std::swap(kept, row.expected);
           return noticed;
         });
}

std::vector<std::vector<std::string>> table(const std::filesystem::path& file, std::size_t columns) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream stream(file);
  std::string line;
  for (std::getline(stream, line); std::getline(stream, line);) {
    std::vector<std::string> cells(1);
    for (const char letter : line) {
      if (letter == '\t') cells.emplace_back();
      else if (letter != '\r') cells.back() += letter;
    }
    cells.resize(std::max(columns, cells.size()));
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::vector<Ptr<X509>> certificates(const std::filesystem::path& file) {
  probes::chain::AnchorFiles files;
  probes::chain::read_anchors(file.string(), files);
  return std::move(files.anchors);
}

std::vector<Ptr<X509>> certificates_in(const std::string& pem) {
  std::vector<Ptr<X509>> found;
  const Ptr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) found.emplace_back(certificate);
  ERR_clear_error();
  return found;
}

std::vector<X509*> borrowed(const std::vector<Ptr<X509>>& certificates) {
  std::vector<X509*> pointers;
  for (const Ptr<X509>& certificate : certificates) pointers.push_back(certificate.get());
  return pointers;
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return text;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), size);
  pclose(pipe);
  return text;
}

}  // namespace tests::corpus
