// Keys in a PKCS#11 token (a smart card, an HSM, SoftHSM), through the engine of libp11. OpenSSL 3 calls engines deprecated; the
// provider that replaces them is not in Debian 12.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/ui.h>

#include <algorithm>
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

// Null: the engine, or the module, is not installed. An empty `module` leaves the choice to the engine.
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

// libp11 allows one engine in a process, with one module and one PIN at a time. Once a key refers to it, it stays.
struct Engine {
  ENGINE* handle = nullptr;
  std::string module;
  bool has_pin = false;
  bool in_use = false;
};

// Why `engine` cannot look for this key; empty: it can.
std::string objection(const Engine& engine, const std::string& module, bool with_pin) {
  if (!engine.handle) return "OpenSSL's pkcs11 engine or its module cannot be loaded (" + take_openssl_error() + ")";
  if (engine.module != module)
    return "another module is in use; p11-kit reaches the tokens of several: leave module-path out of every key";
  if (!with_pin && engine.has_pin)
    return "a key without pin_file is not looked for after one with: its token would be offered that PIN";
  return "";
}

void release(Engine& engine) {
  ENGINE_finish(engine.handle);
  ENGINE_free(engine.handle);
  engine = {};
}

void set_pin(Engine& engine, const Secret& pin) {
  Secret terminated(pin.view().size() + 1);
  pin.view().copy(terminated.data(), pin.view().size());
  engine.has_pin = command(engine.handle, "PIN", terminated.data());
}

// RFC 7512 2.3: what stands behind the "?" is not about the object: "module-path" names the library to load, and the engine
// does not know it. Where there is none the engine takes PKCS11_MODULE_PATH or p11-kit's proxy.
struct KeyUri {
  std::string object;
  std::string module;
};

KeyUri parsed(const std::string& uri) {
  constexpr std::string_view attribute = "module-path=";
  const auto query = std::min(uri.find('?'), uri.size());
  KeyUri key{uri.substr(0, query), ""};
  const auto start = uri.find(attribute, query);
  if (start == std::string::npos) return key;
  const auto value = start + attribute.size();
  key.module = uri.substr(value, uri.find('&', value) - value);
  return key;
}

bool pin_was_refused() {
  while (const unsigned long error = ERR_get_error()) {
    const int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) >= ERR_LIB_USER && reason >= ckr_pin_incorrect && reason <= ckr_pin_len_range) return true;
  }
  return false;
}

// Nobody is there to type a PIN: `asked`, the user data, learns that one was wanted, and the login is given up.
int refuse_to_type(UI* dialogue, UI_STRING*) {
  *static_cast<bool*>(UI_get0_user_data(dialogue)) = true;
  return 0;
}

UI_METHOD* nobody_types() {
  static UI_METHOD* const method = [] {
    UI_METHOD* made = UI_create_method("mtls_exporter");
    UI_method_set_reader(made, &refuse_to_type);
    return made;
  }();
  return method;
}

void note_failure(const std::string& object, bool pin_asked, Material& material) {
  if (pin_was_refused()) return material.note(Finding::passphrase_wrong, object + ": the token refuses the PIN");
  if (pin_asked)
    return material.note(Finding::passphrase_missing, object + ": the token asks for a PIN and no pin_file is configured");
  material.note(Finding::token_unavailable, object + ": no token answers with such a key");
}

}  // namespace

void read_token_key(const config::Identity& settings, Material& material) {
  static std::mutex one_at_a_time;  // guards the engine
  static Engine engine;
  material.key_in_token = true;
  const std::optional<Secret> pin = passphrase(settings.pin_file, material);
  if (!pin && !settings.pin_file.empty()) return;  // a login without it could count as a wrong one
  const KeyUri uri = parsed(settings.key);
  const std::lock_guard lock(one_at_a_time);
  if (!engine.handle) engine = {loaded_engine(uri.module), uri.module};
  if (const std::string trouble = objection(engine, uri.module, pin.has_value()); !trouble.empty())
    return material.note(Finding::token_unavailable, uri.object + ": " + trouble);
  if (pin) set_pin(engine, *pin);
  bool pin_asked = false;
  ERR_clear_error();
  material.key.reset(ENGINE_load_private_key(engine.handle, uri.object.c_str(), nobody_types(), &pin_asked));
  if (!material.key) note_failure(uri.object, pin_asked, material);
  engine.in_use = engine.in_use || material.key;
  if (!engine.in_use) release(engine);  // its module may not even exist
  ERR_clear_error();
}

}  // namespace probes::tls
