// The tables of the file, and how rows get into and out of them. Owned by the thread that owns the database.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "exporter/storage/database.h"
#include "exporter/storage/pending.h"
#include "exporter/storage/rows.h"

namespace exporter::storage {

// Of the file: one that says a later one is another program's work and is left as it is.
inline constexpr std::int64_t schema_version = 1;
// "mtls" in the header of the file: whose database it is.
inline constexpr std::int64_t application_id = 0x6d746c73;

void make_tables(Database& database);

// All rows, without those that are older than `keep` and belong to nothing that would prune them itself.
[[nodiscard]] Stored read_all(Database& database);

// All of it in one transaction. Look at error() next: then none of it was written.
void write(Database& database, const Pending& pending);

// What nothing names any longer, and what was not seen since `oldest`.
void prune(Database& database, WallTime oldest);

// How many rows each table has, by its name.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> count_rows(Database& database);

}  // namespace exporter::storage
