# SPDX-License-Identifier: MIT
# doctor --service takes the policy that the unit gives to its processes, and says so where the unit has
# no library.
. "$(dirname "$0")/lib.sh"
unshare -m true 2>/dev/null || skip "no mount namespace to lay a unit into"
[ -d /usr/local/lib ] || skip "no /usr/local/lib to lay a unit into"
: >file
printf '[rule mine]\nservice = post\nflock = ofd\n' | policy mail.conf
units=/usr/local/lib/systemd/system

# The unit is standard input.
service() { # doctor's arguments
  cat >unit
  case $LOCKSHIM in /usr/local/lib/*) skip "the command lies where the unit is laid" ;; esac
  try unshare -m sh -c 'mount -t tmpfs none /usr/local/lib && mkdir -p "$1" &&
    cp unit "$1/lockshim-test-maild.service" && shift && exec "$@"' sh "$units" \
    "$LOCKSHIM" doctor "$@"
}

service -s lockshim-test-maild file <<END
[Service]
ExecStart=/bin/true
END
expect_status 1
expect_out "unit           lockshim-test-maild.service" "does not preload the library" \
  "lockshim enable lockshim-test-maild.service" "none: every call passes"

service -s lockshim-test-maild file <<END
[Service]
ExecStart=/bin/true
Environment=LD_PRELOAD=/usr/lib/liblockshim.so LOCKSHIM_POLICY=$here/mail.conf LOCKSHIM_SERVICE=post
Environment="LOCKSHIM_SET=upgrade = atomic"
END
expect_status 0
expect_out "mine at $here/mail.conf:1" "overlay        upgrade = atomic" "OFD write lock"

# What the caller says goes before; a name that is no unit's is a name.
: >none.conf
cp unit again
service -s lockshim-test-maild -p none.conf file <again
expect_out "policy         $here/none.conf"
service -s post -p mail.conf file <again
expect_status 0
expect_out "mine at $here/mail.conf:1"
expect_not_in_out "unit  "
