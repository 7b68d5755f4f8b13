#!/usr/bin/env bash
# Opens a recording in a real window under Xvfb, takes screenshots, and checks that each is a picture of the right size
# with more than a few colours. $1: a directory to write into. Environment: SWEEPSCOPE, RECORDER, XVFB_RUN.
set -u
out=$1
if [ ! -x "${XVFB_RUN:-}" ]; then
  echo "xvfb-run is not installed: skipped"
  exit 77
fi
"$RECORDER" "$out/window.mcap" || exit 1
export XDG_CONFIG_HOME=$out/config XDG_RUNTIME_DIR=$out
failed=0

# $1: size of the screen; $2: size that the picture has to have; the rest: options.
picture() {
  local screen=$1 want=$2 size bytes
  shift 2
  rm -f "$out/window.png"
  "$XVFB_RUN" -a -s "-screen 0 ${screen}x24" "$SWEEPSCOPE" "$out/window.mcap" "$@" --at cycle=3 --screenshot "$out/window.png" || failed=1
  # The size stands in the PNG's header: bytes 16 to 23.
  size=$(od -An -tu1 -j16 -N8 "$out/window.png" | awk '{print $3*256+$4 "x" $7*256+$8}')
  bytes=$(stat -c %s "$out/window.png")
  echo "screen $screen, $*: $size, $bytes bytes"
  [ "$size" = "$want" ] && [ "$bytes" -gt 20000 ] || failed=1
}

picture 1440x900 1280x720 --size 1280x720
# Without a size there is room for the frame on the screen it opens on.
picture 1440x900 1440x840
# A size is in pixels of the picture at any scale, also where it is no multiple of it.
picture 1440x900 1440x900 --size 1440x900 --scale 2
picture 1440x900 1280x720 --size 1280x720 --scale 1.5
exit $failed
