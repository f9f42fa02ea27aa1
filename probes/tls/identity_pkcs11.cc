// Keys in a PKCS#11 token (a smart card, an HSM, SoftHSM), through the engine of libp11. OpenSSL 3 calls engines deprecated; the
// provider that replaces them is not in Debian 12.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/err.h>

#include <map>
#include <mutex>

#include "probes/tls/identity_source.h"

namespace probes::tls {

using observations::Finding;

namespace {

// PKCS #11 2.40, return values.
constexpr int ckr_pin_incorrect = 0xA0;
constexpr int ckr_pin_invalid = 0xA1;
constexpr int ckr_pin_len_range = 0xA2;

bool command(ENGINE* engine, const char* name, const char* value) { return ENGINE_ctrl_cmd_string(engine, name, value, 0) == 1; }

// An engine of its own for each module: libp11 keeps module and PIN in the engine. Null: the engine is not installed.
ENGINE* loaded_engine(const std::string& module) {
  ENGINE_load_dynamic();
  ENGINE* engine = ENGINE_by_id("dynamic");
  if (!engine) return nullptr;
  const char* folder = OPENSSL_info(OPENSSL_INFO_ENGINES_DIR);
  const bool ready = command(engine, "ID", "pkcs11") && command(engine, "DIR_LOAD", "2") && command(engine, "DIR_ADD", folder) &&
                     command(engine, "LOAD", nullptr) && (module.empty() || command(engine, "MODULE_PATH", module.c_str())) &&
                     ENGINE_init(engine) == 1;
  if (ready) command(engine, "QUIET", nullptr);
  if (!ready) ENGINE_free(engine);
  return ready ? engine : nullptr;
}

// Engines stay for the life of the process: keys refer to them. One that could not be loaded is tried again.
ENGINE* engine_for(const std::string& module) {
  static std::map<std::string, ENGINE*> engines;
  ENGINE*& engine = engines[module];
  if (!engine) engine = loaded_engine(module);
  return engine;
}

// RFC 7512 2.3: the attributes behind the "?" are not about the object; "module-path" names the library to load. Where the URI
// has none the engine takes PKCS11_MODULE_PATH or p11-kit's proxy.
std::string module_path(const std::string& uri) {
  constexpr std::string_view attribute = "module-path=";
  const auto query = uri.find('?');
  const auto start = query == std::string::npos ? query : uri.find(attribute, query);
  if (start == std::string::npos) return "";
  const auto value = start + attribute.size();
  return uri.substr(value, uri.find('&', value) - value);
}

bool pin_was_refused() {
  while (const unsigned long error = ERR_get_error()) {
    const int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) >= ERR_LIB_USER && reason >= ckr_pin_incorrect && reason <= ckr_pin_len_range) return true;
  }
  return false;
}

void note_failure(const std::string& uri, Material& material) {
  const std::string object = uri.substr(0, uri.find('?'));  // the query may hold a PIN
  if (pin_was_refused()) return material.note(Finding::passphrase_wrong, object + ": the token refuses the PIN");
  material.note(Finding::token_unavailable, object + ": no token answers with such a key");
}

}  // namespace

void read_token_key(const config::Identity& settings, Material& material) {
  static std::mutex one_at_a_time;  // the PIN is a setting of the engine
  material.key_in_token = true;
  const std::optional<Secret> pin = passphrase(settings.pin_file, material);
  const std::lock_guard lock(one_at_a_time);
  ENGINE* engine = engine_for(module_path(settings.key));
  if (!engine)
    return material.note(Finding::token_unavailable, "OpenSSL's pkcs11 engine cannot be loaded (" + take_openssl_error() + ")");
  Secret terminated(pin ? pin->view().size() + 1 : 1);
  if (pin) pin->view().copy(terminated.data(), pin->view().size());
  if (pin) command(engine, "PIN", terminated.data());
  ERR_clear_error();
  material.key.reset(ENGINE_load_private_key(engine, settings.key.c_str(), nullptr, nullptr));
  if (!material.key) note_failure(settings.key, material);
  ERR_clear_error();
}

}  // namespace probes::tls
