// PEM as it stands in other text: in one line, between quotes, with the escapes of JSON, YAML, .properties and source code.
#pragma once

#include <string>
#include <string_view>

namespace probes::inventory {

// `block`, from "-----BEGIN" to the dashes of its END line, in lines of its own without indentation. A block whose lines are
// lines already is left to OpenSSL as it is written.
[[nodiscard]] std::string pem_lines(std::string_view block);

}  // namespace probes::inventory
