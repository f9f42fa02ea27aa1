#include "exporter/storage/database.h"

#include <sqlite3.h>

namespace exporter::storage {

namespace {

constexpr int patience_ms = 200;  // with another process that has the file

DatabaseError::Kind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return DatabaseError::Kind::corrupt;
    default: return DatabaseError::Kind::unavailable;
  }
}

}  // namespace

void Statement::End::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::End::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Statement& Statement::bind(int at, std::int64_t value) {
  if (statement_) sqlite3_bind_int64(statement_.get(), at, value);
  return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
  if (statement_) sqlite3_bind_text(statement_.get(), at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
  // Without bytes, a null pointer would be NULL.
  if (statement_)
    sqlite3_bind_blob(statement_.get(), at, bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_null(int at) {
  if (statement_) sqlite3_bind_null(statement_.get(), at);
  return *this;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

Database::Database(const std::string& path) {
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  database_.reset(opened);
  if (failed(code)) return;
  sqlite3_busy_timeout(opened, patience_ms);
  // Another process that wrote the same rows would undo ours: the file is for one of them.
  run("pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -2000;");
}

bool Database::failed(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return false;
  if (!error_) error_ = {.kind = kind_of(code), .why = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code)};
  return true;
}

void Database::run(const char* sql) {
  if (!error_) failed(sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
}

Statement Database::prepare(const char* sql) {
  Statement statement;
  if (error_) return statement;
  sqlite3_stmt* prepared = nullptr;
  failed(sqlite3_prepare_v2(database_.get(), sql, -1, &prepared, nullptr));
  statement.statement_.reset(prepared);
  return statement;
}

bool Database::step(Statement& statement) {
  if (error_ || !statement.statement_) return false;
  const int code = sqlite3_step(statement.statement_.get());
  if (code == SQLITE_ROW) return true;
  failed(code);
  sqlite3_reset(statement.statement_.get());
  return false;
}

void Database::run(Statement& statement) {
  while (step(statement)) {
  }
}

std::int64_t Database::integer(const char* sql) {
  Statement statement = prepare(sql);
  return step(statement) ? statement.integer(0) : 0;
}

}  // namespace exporter::storage
