#!/bin/sh
# SPDX-License-Identifier: MIT
# early_probed.sh PRELOAD PROGRAM: somebody is attached to a probe before our constructor runs.
set -eu
preload=$1
offset=$(${NM:-nm} "$preload" | sed -n 's/^\([0-9a-f]*\) . lockshim_request_semaphore$/\1/p')
if [ -z "$offset" ]; then
  echo 'skipped: built without probes; package systemtap-sdt-dev'
  exit 77
fi
EARLY_SEMAPHORE=$offset LD_PRELOAD=$preload TEST_PRELOAD=$preload LOCKSHIM_POLICY=$(dirname "$0")/empty.conf \
  LOCKSHIM_SET=flock=ofd "$2"
