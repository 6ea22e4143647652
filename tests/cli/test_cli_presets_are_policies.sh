# SPDX-License-Identifier: MIT
# Each preset is right by itself, can be included after rules of a policy's own, and decides as it
# says.
. "$(dirname "$0")/lib.sh"
presets=${SOURCE:?}/examples/presets
: >file

for preset in irix nfs-server nfs-client; do
  try "$LOCKSHIM" check --strict "$presets/$preset.conf"
  expect_status 0
  expect_text "$presets/$preset.conf: ok, 1 rule"
  # Trusted like any include: here the tree may be somebody else's.
  cp "$presets/$preset.conf" .
  printf '[rule mine]\nservice = mine\nflock = pass\n\ninclude = %s/%s.conf\n' "$here" "$preset" |
    policy "with-$preset.conf"
  try "$LOCKSHIM" check --strict "with-$preset.conf"
  expect_status 0
  expect_text "$here/with-$preset.conf: ok, 2 rules"
done
set -- "$presets"/*.conf
[ $# -eq 3 ] || fail "a preset that is not tested"

decides() { # PRESET RULE OPTION...
  preset=$1
  rule=$2
  shift 2
  try "$LOCKSHIM" explain -p "with-$preset.conf" "$@" file
  expect_status 0
  grep -q "^$rule  *.* yes\$" "$work/out" || fail "$preset: expected $rule to decide"
}
decides irix preset-irix
grep -q '^flock LOCK_EX  *OFD write lock' "$work/out" || fail "irix converts flock"
for call in "fcntl F_SETLK, F_SETLKW" lockf "fcntl F_OFD_SETLK, F_OFD_SETLKW"; do
  grep -q "^$call  *unchanged\$" "$work/out" || fail "irix leaves $call"
done
decides irix mine -s mine
decides nfs-server '(no rule)'
grep -q 'no: exported = yes; here no' "$work/out" || fail "nfs-server asks for exports"
decides nfs-client '(no rule)'
grep -q 'no: fstype = nfs, nfs4; here' "$work/out" || fail "nfs-client asks for the type"

# The three go together, each after the narrower ones.
printf 'include = %s/%s.conf\n' "$here" nfs-server "$here" nfs-client "$here" irix | policy all.conf
try "$LOCKSHIM" check --strict all.conf
expect_text "$here/all.conf: ok, 3 rules"

# Where this host exports the directory, by exportfs's list in a mount namespace of our own.
# shellcheck disable=SC2016
unshare -m true 2>/dev/null || exit 0
try unshare -m sh -c 'mount -t tmpfs none /var/lib && mkdir /var/lib/nfs &&
  printf "%s\t10.0.0.0/8(rw,sync)\n" "$1" >/var/lib/nfs/etab &&
  "$2" explain -p with-nfs-server.conf file' sh "$here" "$LOCKSHIM"
expect_status 0
grep -q '^preset-nfs-server  *.* yes$' "$work/out" || fail "nfs-server takes what is exported"
grep -q '^flock LOCK_EX  *OFD write lock' "$work/out" || fail "nfs-server converts flock"
