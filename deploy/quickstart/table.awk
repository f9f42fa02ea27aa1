# Reads a scrape of mtls_exporter and prints, in words, what it says of each server. -v targets="NAME ..." and
# -v callers="NAME ..." give the rows.

# The value of a label on the current line; empty when there is none. Label values of the estate hold no escapes.
function label(key,    rest) {
  if (!match($0, "[{,]" key "=\"[^\"]*\"")) return ""
  rest = substr($0, RSTART, RLENGTH)
  sub(/^[^"]*"/, "", rest); sub(/"$/, "", rest)
  return rest
}

function row(name, identity, left, chain, door, words) {
  printf "%-10s %-13s %9s  %-21s %-13s %s\n", name, identity, left, chain, door, words
}

function also(words, more) { return words == "" ? more : words "; " more }

function list(words, more) { return words == "" ? more : words ", " more }

# The first certificate of a kind of source that is still to end.
function ends(source, left) { if (left > 0 && (!(source in first) || left < first[source])) first[source] = left }

function source_row(name, kind, found, left, words) {
  printf "%-10s %-13s %9s  %-21s %s\n", name, kind, left, found, words
}

function of_source(name, kind, source) {
  source_row(name, kind, certificates[name] " certificates", source in first ? sprintf("%.1f", first[source]) : "-",
             up[name] != 1 ? "cannot be read" : name in states ? states[name] : "as it should be")
}

# awk creates what it looks at: ask whether it is there first.
function reaches(name) { return name in reachable && reachable[name] == 1 }
function refuses(name) { return name in accepted && accepted[name] == 0 }

# What our certificate met at this server.
function identity_of(name) {
  if (!reaches(name)) return "-"
  if (name in accepted) return accepted[name] == 1 ? "accepted" : "refused"
  return name in verdict ? verdict[name] : "?"
}

function chain_of(name) {
  if (!(name in valid)) return "-"
  return valid[name] == 1 ? "trusted" : name in problem ? problem[name] : "not trusted"
}

function door_of(name) {
  if (!reaches(name)) return "-"
  return name in mode ? mode[name] : "?"
}

function words_of(name,    words) {
  if (!(name in reachable)) return "not probed yet"
  if (!reaches(name)) return "cannot be reached: " reason[name]
  if (refuses(name)) words = also(words, "refuses our identity: " reason[name])
  if (name in valid && valid[name] != 1) words = also(words, chain_of(name) == "missing_intermediate" ? "does not send its intermediate" : "its chain is not trusted")
  if (name in hostname && hostname[name] != 1) words = also(words, "its certificate is for another name")
  if (name in enforced && enforced[name] != 1) words = also(words, "its door is not locked")
  if (name in stale) words = also(words, "its certificate was renewed on disk, and not loaded")
  if (name in days && days[name] < 0) words = also(words, sprintf("its certificate expired %.1f days ago", -days[name]))
  else if (name in days && days[name] < 7) words = also(words, sprintf("its certificate expires in %.0f days", days[name]))
  return words == "" ? "as it should be" : words
}

function caller_words(state) {
  if (state == "superseded") return "calls with a certificate that was renewed: the new one is not in use"
  return state == "expiring" ? "expires soon, and still calls" : state == "valid" ? "as it should be" : state
}

/^#/ { next }
/^mtls_/ {
  target = label("target")
  family = $0; sub(/[{ ].*/, "", family)
  if (family == "mtls_target_reachable") reachable[target] = $NF
  else if (family == "mtls_handshake_failure_info") reason[target] = label("reason")
  else if (family == "mtls_client_certificate_accepted") accepted[target] = $NF
  else if (family == "mtls_client_certificate_verdict" && $NF == 1) verdict[target] = label("verdict")
  else if (family == "mtls_client_auth_mode" && $NF == 1) mode[target] = label("mode")
  else if (family == "mtls_client_auth_enforced") enforced[target] = $NF
  else if (family == "mtls_chain_valid" && label("source") == "server") valid[target] = $NF
  else if (family == "mtls_hostname_match" && label("source") == "server") hostname[target] = $NF
  else if (family == "mtls_chain_problem" && label("source") == "server" && label("severity") == "critical") problem[target] = label("problem")
  else if (family == "mtls_served_certificate_stale" && $NF == 1) stale[target] = 1
  else if (family == "mtls_certificate_expiry_days" && label("source") == "server" && label("position") == "0") days[target] = $NF
  else if (family == "mtls_certificate_expiry_days" && (label("source") == "file" && label("position") == "0" || label("source") == "authority")) ends(label("source") == "authority" ? target : label("source"), $NF)
  else if (family == "mtls_caller_state" && $NF == 1) { caller_state[label("subject_cn")] = label("state"); caller_door[label("subject_cn")] = target }
  else if (family == "mtls_certificate_expiry_days" && label("source") == "caller") caller_days[label("subject_cn")] = $NF
  else if (family == "mtls_source_certificates") certificates[label("name")] = $NF
  else if (family == "mtls_source_up") up[label("name")] = $NF
  else if (family == "mtls_authority_certificates" && $NF > 0) states[label("name")] = list(states[label("name")], $NF " " label("state"))
}

END {
  row("TARGET", "OUR IDENTITY", "DAYS LEFT", "CHAIN", "DOOR", "IN WORDS")
  count = split(targets, names, " ")
  for (i = 1; i <= count; i++) {
    name = names[i]
    row(name, identity_of(name), name in days ? sprintf("%.1f", days[name]) : "-", chain_of(name), door_of(name), words_of(name))
  }
  print ""
  source_row("AT REST", "KIND", "FOUND", "DAYS LEFT", "IN WORDS")
  of_source("keystores", "file", "file")
  of_source("vpn", "authority", "vpn")
  print ""
  source_row("CALLER", "OF", "STATE", "DAYS LEFT", "IN WORDS")
  count = split(callers, names, " ")
  for (i = 1; i <= count; i++) {
    name = names[i]
    if (name in caller_state) source_row(name, caller_door[name], caller_state[name], sprintf("%.1f", caller_days[name]), caller_words(caller_state[name]))
    else source_row(name, "-", "-", "-", "not called yet")
  }
}
