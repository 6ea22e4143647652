# SPDX-License-Identifier: MIT
# What lockd and nfsd hold is another host's, and is given the addresses that nfsd has; a thread of
# theirs may be gone. By a /proc of our making, in a mount namespace of its own.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" -eq 0 ] || skip "only root can mount"
unshare -m true 2>/dev/null || skip "no mount namespace"

gone=4194300 # beyond every pid_max that 22 bits allow, but for the last few
mkdir -p proc/self/fdinfo proc/501 proc/502 proc/503 proc/fs/nfsd/clients/3 proc/fs/nfsd/clients/4
printf 'ASAN_OPTIONS=%s\0' "${ASAN_OPTIONS:-}" >proc/self/environ # where a sanitizer looks
cat >proc/self/mountinfo <<'END'
21 1 254:16 / /srv/export rw - ext4 /dev/vdb rw
END
cat >proc/locks <<END
1: POSIX  ADVISORY  WRITE 501 fe:10:77 0 99
1: -> POSIX  ADVISORY  WRITE 502 fe:10:77 50 59
1: -> POSIX  ADVISORY  READ 503 fe:10:77 0 EOF
2: POSIX  ADVISORY  READ 502 fe:10:78 0 EOF
3: POSIX  ADVISORY  READ $gone fe:10:79 0 EOF
4: FLOCK  ADVISORY  WRITE $gone fe:10:80 0 EOF
5: DELEG  ACTIVE    READ 501 fe:10:81 0 EOF
END
stat_line() { # PID NAME FLAGS
  echo "$1 ($2) S 2 0 0 0 -1 $3 0 0 0 0" >"proc/$1/stat"
}
stat_line 501 nfsd 2129984
stat_line 502 lockd 2129984
stat_line 503 nfsd 4194560 # a program of that name
cat >proc/fs/nfsd/clients/3/info <<'END'
clientid: 0x8b0e3e5e5f7c1a3d
address: "192.0.2.7:812"
status: confirmed
END
cat >proc/fs/nfsd/clients/3/states <<'END'
- 0x010000005e3e0e8b3d1a7c5f0b000000: { type: open, access: rw, deny: --, superblock: "fe:10:78", filename: "b", owner: "open id:\x00" }
- 0x010000005e3e0e8b3d1a7c5f0c000000: { type: lock, superblock: "fe:10:77", filename: "a", owner: "lock id:\x00" }
END
cat >proc/fs/nfsd/clients/4/info <<'END'
address: "192.0.2.9:700"
END
echo '- 0x02: { type: lock, superblock: "fe:10:79", filename: "c", owner: "x" }' \
  >proc/fs/nfsd/clients/4/states

try unshare -m sh -c 'mount --bind "$1" /proc && shift && exec "$@"' sh "$here/proc" \
  "$LOCKSHIM" locks -n -r -o command,pid,family,mode,holders,blocker,notes,path
expect_status 0
expect_text "nfsd 501 POSIX WRITE 501,192.0.2.7:812  remote /srv/export...
nfsd 503 POSIX READ*  501,192.0.2.7:812  /srv/export...
lockd 502 POSIX WRITE*  501,192.0.2.7:812 remote /srv/export...
lockd 502 POSIX READ 502  remote /srv/export...
  POSIX READ 192.0.2.9:700  remote /srv/export...
  flock WRITE    /srv/export...
nfsd 501 lease READ 501  remote /srv/export..."
expect_err "the process of 1 of the locks is not known"

try unshare -m sh -c 'mount --bind "$1" /proc && shift && exec "$@"' sh "$here/proc" \
  "$LOCKSHIM" locks --json
expect_status 0
expect_out '"host": "192.0.2.7:812"' '"host": "192.0.2.9:700"' '"remote"' '"mount": "/srv/export"'

# No list, no answer.
rm proc/locks
try unshare -m sh -c 'mount --bind "$1" /proc && shift && exec "$@"' sh "$here/proc" \
  "$LOCKSHIM" locks
expect_status 1
expect_err "/proc/locks: No such file or directory"
