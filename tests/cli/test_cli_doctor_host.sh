# SPDX-License-Identifier: MIT
# doctor without a path looks at what the host exports, and says so where there is nothing.
. "$(dirname "$0")/lib.sh"
unshare -m true 2>/dev/null || skip "no mount namespace to lay a list of exports into"
: >none.conf
mkdir one 'two words'
escaped=$(printf '%s' "$here/two words" | sed 's/ /\\040/')

host() { # ETAB OPTIONS…
  printf '%s' "$1" >etab
  shift
  try unshare -m sh -c 'mount -t tmpfs none /var/lib && mkdir /var/lib/nfs &&
    cp "$1/etab" /var/lib/nfs/etab && shift && exec "$@"' sh "$here" "$LOCKSHIM" doctor "$@"
}

host '' -p none.conf
grep -qE ' - (nfs|cifs|smb3|lustre|gfs2|ocfs2)' /proc/self/mountinfo || {
  expect_status 0
  expect_text "Nothing is exported over NFS, and no mount keeps locks on this host."
}
list="$here/one	10.0.0.0/8(rw,sync)
$here/one	10.1.0.0/16(rw,sync)
$escaped	*(rw)
"
host "$list" -p none.conf
expect_status 1
expect_out "$here/one" "$here/two words" "exported over NFS, and flock passes"
[ "$(grep -c '^! exported over NFS' "$work/out")" -eq 2 ] || fail "not one of each"
host "$list" -p none.conf -o flock=ofd
expect_not_in_out "exported over NFS, and"
