#!/usr/bin/env bash
# quickstart_test.sh EXPORTER: the README's first command, run for real. What it prints is what README.md and docs/quickstart.md show, and
# nothing is left behind, neither after --once nor after Ctrl-C.
set -euo pipefail
exporter=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."

work=$(mktemp -d)
quickstart_pid=''
clean_up() {
  [ -z "$quickstart_pid" ] || kill -TERM "$quickstart_pid" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap clean_up EXIT
fail() { echo "FAILED: $*"; tail -n 40 "$work.out" "$work.err" 2>/dev/null; rm -f "$work.out" "$work.err"; exit 1; }

# The quickstart's own folder is made in TMPDIR, and every process it starts names that folder.
export TMPDIR=$work
nothing_is_left() {
  [ -z "$(ls -A "$work")" ] || fail "$1: files are left: $(ls -A "$work")"
  ! pgrep -af -- "$work/" || fail "$1: processes are left"
}

deploy/quickstart.sh --once --exporter "$exporter" >"$work.out" 2>"$work.err" || fail "--once exits 0"
nothing_is_left "after --once"
cat "$work.out"

# Numbers differ from run to run, and with them the columns' padding.
shape() { sed -E 's/[0-9]+(\.[0-9]+)?/N/g; s/[[:space:]]+/ /g; s/ $//'; }
# shown FILE NAME: what stands there between the markers of NAME.
shown() { sed -n "/<!-- $2:begin -->/,/<!-- $2:end -->/p" "$1" | grep -vE '^(<!--|```|\$ |\.\.\.$)'; }
[ -n "$(shown README.md quickstart)" ] || fail "the README shows the quickstart's output"
diff -u --label 'README.md' <(shown README.md quickstart | shape) --label 'deploy/quickstart.sh --once' <(shape <"$work.out") || fail "the README shows what the quickstart prints"

deploy/quickstart.sh --once --with-prometheus --exporter "$exporter" >"$work.out" 2>"$work.err" || fail "--with-prometheus exits 0"
nothing_is_left "after --with-prometheus"
grep -q '^FIRING' "$work.out" || fail "--with-prometheus lists what fires"
[ -n "$(shown docs/quickstart.md quickstart-prometheus)" ] || fail "docs/quickstart.md shows what fires"
diff -u --label 'docs/quickstart.md' <(shown docs/quickstart.md quickstart-prometheus | shape) --label 'deploy/quickstart.sh --with-prometheus' \
  <(sed -n '/^FIRING/,$p' "$work.out" | shape) || fail "docs/quickstart.md shows the alerts that fire"

# Ctrl-C reaches the whole foreground process group, so the quickstart gets one of its own.
set -m
deploy/quickstart.sh --exporter "$exporter" >"$work.out" 2>"$work.err" &
quickstart_pid=$!
set +m
for attempt in {1..300}; do
  ! grep -q 'Ctrl-C ends it' "$work.err" || break
  [ "$attempt" != 300 ] || fail "without --once it goes on serving"
  sleep 0.1
done
kill -INT -- "-$quickstart_pid"
status=0
wait "$quickstart_pid" || status=$?
quickstart_pid=''
[ "$status" = 130 ] || fail "Ctrl-C ends it with status 130, not $status"
nothing_is_left "after Ctrl-C"
rm -f "$work.out" "$work.err"
echo "ok: nothing is left"
