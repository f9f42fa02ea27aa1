# Lines of dpkg-query (sbom.sh) in, a CycloneDX bill of materials out.
function escaped(text) {
  gsub(/[\\"]/, "\\\\&", text)
  return text
}

# purl asks for percent-encoding of what is no letter, digit, dot, dash, underscore or tilde.
function encoded(text) {
  gsub(/%/, "%25", text); gsub(/\+/, "%2B", text); gsub(/:/, "%3A", text)
  return text
}

function purl(name) { return "pkg:deb/debian/" encoded(name) "@" encoded(versions[name]) "?arch=" architectures[name] "&distro=" distribution }

# The installed packages among the alternatives of a dependency field, once each.
function needed(name, found,    alternatives, choices, i, j, count, word) {
  split("", found)
  count = split(depends[name], alternatives, /, */)
  for (i = 1; i <= count; i++) {
    split(alternatives[i], choices, / *\| */)
    for (j = 1; j in choices; j++) {
      word = choices[j]
      sub(/^ +/, "", word); sub(/[ :(].*/, "", word)
      if (!(word in versions) && (word in providers)) word = providers[word]
      if (word in versions) { found[word] = 1; break }
    }
  }
}

function reach(name,    found, next_one) {
  if (name in reached) return
  reached[name] = 1
  needed(name, found)
  for (next_one in found) reach(next_one)
}

# Keys of `set` in order, into `list`; returns how many.
function ordered(set, list,    key, count, i, held) {
  count = 0
  for (key in set) {
    for (i = count++; i > 0 && list[i] > key; i--) list[i + 1] = list[i]
    list[i + 1] = key
  }
  return count
}

function refs(set,    list, count, i, text) {
  count = ordered(set, list)
  for (i = 1; i <= count; i++) text = text (i > 1 ? ", " : "") "\"" purl(list[i]) "\""
  return "[" text "]"
}

$4 == native || $4 == "all" {
  versions[$2] = $3; architectures[$2] = $4; sources[$2] = $5; source_versions[$2] = $6; depends[$2] = $7
  gsub(/ \([^)]*\)/, "", $8)
  count = split($8, provided, /, */)
  for (i = 1; i <= count; i++) if (!(provided[i] in providers)) providers[provided[i]] = $2
}

END {
  count = split(wanted, names, " ")
  for (i = 1; i <= count; i++) {
    if (!(names[i] in versions)) { print "sbom: the package " names[i] " is not installed: deploy/install-packages.sh runtime" >"/dev/stderr"; exit 1 }
    direct[names[i]] = 1
    reach(names[i])
  }
  ours = "pkg:generic/mtls_exporter@" encoded(version)
  print "{\n  \"$schema\": \"http://cyclonedx.org/schema/bom-1.6.schema.json\",\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,"
  print "  \"metadata\": {\n    \"component\": {\"type\": \"application\", \"bom-ref\": \"" ours "\", \"name\": \"mtls_exporter\", \"version\": \"" escaped(version) "\", \"purl\": \"" ours "\","
  print "      \"licenses\": [{\"license\": {\"id\": \"Apache-2.0\"}}]}\n  },\n  \"components\": ["
  count = ordered(reached, all)
  for (i = 1; i <= count; i++) {
    name = all[i]
    print "    {\"type\": \"library\", \"bom-ref\": \"" purl(name) "\", \"name\": \"" name "\", \"version\": \"" escaped(versions[name]) "\", \"purl\": \"" purl(name) "\","
    print "      \"properties\": [{\"name\": \"debian:source\", \"value\": \"" sources[name] "\"}, {\"name\": \"debian:source-version\", \"value\": \"" escaped(source_versions[name]) "\"}]}" (i < count ? "," : "")
  }
  print "  ],\n  \"dependencies\": [\n    {\"ref\": \"" ours "\", \"dependsOn\": " refs(direct) "},"
  for (i = 1; i <= count; i++) {
    needed(all[i], found)
    print "    {\"ref\": \"" purl(all[i]) "\", \"dependsOn\": " refs(found) "}" (i < count ? "," : "")
  }
  print "  ]\n}"
}
