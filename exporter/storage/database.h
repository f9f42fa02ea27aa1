// SQLite behind a few calls: a file that is opened, statements that are run, errors as values. The one user of the library.
// Owned by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace exporter::storage {

// What went wrong, by what can be done about it.
struct DatabaseError {
  enum class Kind : std::uint8_t {
    unavailable,  // no room, no permission, no such folder, in use by another process: may pass
    corrupt,      // it is no database, or a broken one
  };
  Kind kind = Kind::unavailable;
  std::string why;
};

// A statement that is run again and again. Its values are bound from 1 on, its columns are read from 0 on.
class Statement {
 public:
  Statement& bind(int at, std::int64_t value);
  Statement& bind(int at, std::string_view text);  // borrowed until it has run
  Statement& bind_blob(int at, std::string_view bytes);
  Statement& bind_null(int at);

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;  // of a blob, too
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  struct End {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, End> statement_;
};

class Database {
 public:
  // Opens the file, or makes it, for this process alone. Look at error() next.
  explicit Database(const std::string& path);

  // The first that went wrong since the last call of forgive(): after it nothing is run.
  [[nodiscard]] const std::optional<DatabaseError>& error() const { return error_; }
  void forgive() { error_.reset(); }
  void blame(DatabaseError error) { error_ = std::move(error); }

  void run(const char* sql);  // one statement or several, without values
  [[nodiscard]] Statement prepare(const char* sql);
  void run(Statement& statement);                       // to its end, and ready for other values
  [[nodiscard]] bool step(Statement& statement);        // to its next row; false at its end
  [[nodiscard]] std::int64_t integer(const char* sql);  // the first column of its first row; 0 where there is none

 private:
  bool failed(int code);

  struct End {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, End> database_;
  std::optional<DatabaseError> error_;
};

}  // namespace exporter::storage
