#!/usr/bin/env bash
# Opens a recording in a real window under Xvfb, takes a screenshot, and looks whether it is a picture of the right size
# with more than a few colours. $1: a directory to write into. Environment: SWEEPSCOPE, RECORDER, XVFB_RUN.
set -u
out=$1
if [ ! -x "${XVFB_RUN:-}" ]; then
  echo "xvfb-run is not installed: skipped"
  exit 77
fi
"$RECORDER" "$out/window.mcap" || exit 1
rm -f "$out/window.png"
export XDG_CONFIG_HOME=$out/config XDG_RUNTIME_DIR=$out
"$XVFB_RUN" -a -s "-screen 0 1440x900x24" "$SWEEPSCOPE" "$out/window.mcap" --size 1280x720 --at cycle=3 --screenshot "$out/window.png" || exit 1
# The size stands in the PNG's header: bytes 16 to 23.
size=$(od -An -tu1 -j16 -N8 "$out/window.png" | awk '{print $3*256+$4 "x" $7*256+$8}')
bytes=$(stat -c %s "$out/window.png")
echo "window.png: $size, $bytes bytes"
[ "$size" = 1280x720 ] && [ "$bytes" -gt 20000 ]
