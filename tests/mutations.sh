#!/usr/bin/env bash
# mutations.sh [NAME...]: makes each mistake of tests/mutations/ in a copy of the tree and demands that its test turns
# red. Prints a table; exits 1 if any mutant survives, does not compile or does not apply. MUTATIONS_BUILD names a folder to
# keep the copy and its build in between runs; without it they are temporary.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

source_tree=$PWD
work=${MUTATIONS_BUILD:-$(mktemp -d)}
tree=$work/tree
log=$work/log
clean_up() { [ -n "${MUTATIONS_BUILD:-}" ] || rm -rf "$work"; }
trap clean_up EXIT
export CCACHE_BASEDIR=$tree CCACHE_NOHASHDIR=1

# The lines of one part of a mutation: head, was or becomes.
part() {
  awk -v part="$2" '
    BEGIN { now = "head" }
    /^--- / { now = $2; next }
    now == part { print }' "$1"
}
field() { part "$1" head | sed -n "s/^$2: *//p"; }

# The working tree as it is, uncommitted changes included; unchanged files keep their times, so a kept build is reused.
copy_tree() {
  mkdir -p "$tree"
  git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null | tar -C "$tree" -xf -
  # What an earlier run mutated may have been compiled since: it must be newer than that.
  local mutation
  for mutation in tests/mutations/*.mutation; do touch "$tree/$(field "$mutation" file)"; done
  cmake -S "$tree" -B "$tree/build" -G Ninja -DBUILD_TESTING=ON >"$log" 2>&1 || { cat "$log"; exit 1; }
}

# Replaces the one occurrence of `was` in the copy's file; fails when there is none or more than one.
mutate() {
  local file was becomes content without
  file=$tree/$(field "$1" file)
  [ -f "$file" ] || return
  was=$(part "$1" was)
  becomes=$(part "$1" becomes)
  content=$(cat "$file")
  without=${content/"$was"/}
  [ -n "$was" ] && [ "$without" != "$content" ] && [ "${without/"$was"/}" = "$without" ] || return
  printf '%s\n' "${content/"$was"/"$becomes"}" >"$file"
}
restore() {
  local file
  file=$(field "$1" file)
  cat "$source_tree/$file" >"$tree/$file"
}

build() { nice ninja -C "$tree/build" "$(field "$1" build)" >"$log" 2>&1; }

# Runs the named test; a hanging mutant counts as red.
run_test() {
  if [ -n "$(field "$1" ctest)" ]; then run_ctest "$1"; else run_googletest "$1"; fi
}
run_ctest() {
  local name
  name="^$(field "$1" ctest)\$"
  ctest --test-dir "$tree/build" -N -R "$name" | grep '^Total Tests: 1$' >/dev/null || return 2
  ctest --test-dir "$tree/build" -R "$name" --timeout 120 --output-on-failure >"$log" 2>&1 || return 1
}
run_googletest() {
  local filter binary listed
  filter=$(field "$1" test)
  binary=$(find "$tree/build" -type f -name "$(field "$1" build)" -perm -u+x)
  listed=$("$binary" --gtest_filter="$filter" --gtest_list_tests 2>/dev/null)
  grep -q '^  ' <<<"$listed" || return 2
  timeout 120 "$binary" --gtest_filter="$filter" >"$log" 2>&1 || return 1
}

# One word for what became of a mutation: killed, SURVIVED, or why it says nothing.
judge() {
  local status=0
  if ! build "$1"; then echo "BASELINE DOES NOT BUILD"; return; fi
  run_test "$1" || status=$?
  case $status in 1) echo "BASELINE IS RED"; return ;; 2) echo "NO SUCH TEST"; return ;; esac
  if ! mutate "$1"; then restore "$1"; echo "DOES NOT APPLY"; return; fi
  status=0
  if build "$1"; then run_test "$1" || status=$?; else status=compile; fi
  restore "$1"
  case $status in
    1) echo killed ;;
    0) echo SURVIVED ;;
    *) echo "DOES NOT COMPILE" ;;
  esac
}

copy_tree
mutations=()
if [ $# = 0 ]; then mutations=(tests/mutations/*.mutation); else for name; do mutations+=("tests/mutations/${name%.mutation}.mutation"); done; fi
failed=0
for mutation in "${mutations[@]}"; do
  name=$(basename "$mutation" .mutation)
  verdict=$(judge "$mutation")
  printf '%-34s %-24s %s\n' "$name" "$verdict" "$(field "$mutation" test)$(field "$mutation" ctest)"
  [ "$verdict" = killed ] || { failed=$((failed + 1)); tail -n 5 "$log" | sed 's/^/    /'; }
done
echo "${#mutations[@]} mutations, $failed not killed"
[ "$failed" = 0 ]
