#!/usr/bin/env bash
# screenshot.sh EXPORTER [FILE]: docs/images/page.png, or FILE, made anew: the page of the quick start's estate in Debian's Chromium.
set -euo pipefail
exporter=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."
file=$(readlink -m "${2:-docs/images/page.png}")

work=$(mktemp -d -t mtls-screenshot.XXXXXX)
mkfifo "$work/out"
deploy/quickstart.sh --exporter "$exporter" >"$work/out" 2>"$work/log" &
quickstart=$!
clean_up() {
  kill -TERM "$quickstart" 2>/dev/null || true
  wait "$quickstart" || true
  rm -rf "$work"
}
trap clean_up EXIT
page=$(sed -n 's#^\(http://.*\)metrics$#\1#p;T;q' "$work/out")
[ -n "$page" ] || { cat "$work/log" >&2; exit 1; }
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" --window-size=1280,600 \
  --virtual-time-budget=5000 --screenshot="$work/page.png" "$page" >"$work/chromium" 2>&1 || { cat "$work/chromium" >&2; exit 1; }
mv "$work/page.png" "$file"
echo "$file: $(stat -c %s "$file") bytes"
