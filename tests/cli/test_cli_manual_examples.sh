# SPDX-License-Identifier: MIT
# Every example of the manual is run as it stands: policies through check, commands through a shell,
# the unit through a look at what it names. What is neither is output or a form.
. "$(dirname "$0")/lib.sh"
docs=${SOURCE:?}/docs

# The places that examples name, in this directory.
mkdir -p bin etc run srv/export tmp blocks
mkdir -p usr/share/lockshim && cp -r "$SOURCE/examples/presets" usr/share/lockshim
printf '[rule mail]\nservice = mail\nflock = ofd\n' | policy etc/mail.conf
: >srv/export/index.lock
: >spool
ln -s "$LOCKSHIM" bin/lockshim
printf '#!/bin/sh\nexec flock "%s" true\n' "$here/spool" >bin/maild
chmod 755 bin/maild
PATH=$here/bin:$PATH
# shellcheck disable=SC2016 # the loader's variable
moved() {
  sed -e "s|/etc/lockshim|$here/etc|g" -e "s|/srv/|$here/srv/|g" -e "s|/var/tmp|$here/tmp|g" \
    -e "s|/run/lockshim|$here/run/lockshim|g" -e "s|/usr/share|$here/usr/share|g" \
    -e "s|/usr/\$LIB/liblockshim.so|$LIBRARY|g" "$1"
}

# A file a block, by its page and number.
for page in "$docs"/*.scd "$docs"/*.scd.in; do
  awk -v page="$(basename "$page" | sed 's/\.scd.*//')" '
    /^```$/ { inside = !inside; if (inside) number++; next }
    inside { print >("blocks/" page "-" number) }' "$page"
done

policies=0 commands=0 units=0
for block in blocks/*; do
  moved "$block" >block
  case $(head -n 1 block) in
  '[rule NAME]') ;; # the grammar's form
  [0-2][0-9]:[0-5][0-9]:* | 'lockshim: '* | [A-Z][A-Z]*' '[A-Z]*) ;; # what is printed
  '[rule '* | include*)
    policies=$((policies + 1))
    try "$LOCKSHIM" check block
    expect_status 0
    ;;
  '[Service]')
    units=$((units + 1))
    grep -qxF "Environment=LD_PRELOAD=$LIBRARY" block || fail "$block: what is preloaded"
    [ -e "$(sed -n 's/^Environment=LOCKSHIM_POLICY=//p' block)" ] || fail "$block: its policy"
    ;;
  lockshim* | LD_PRELOAD* | install*)
    commands=$((commands + 1))
    grep -oE "$here/srv/[a-z]+" block | sort -u | xargs -r mkdir -p
    [ "$(id -u)" -eq 0 ] || sed -i '/^install .* -g /d' block # only root gives files to a group
    try timeout 60 sh -e block
    expect_status 0
    ;;
  *) fail "$block is no policy, command, unit or output that is known: $(head -n 1 block)" ;;
  esac
done
tried="policies $policies, commands $commands, units $units"
[ "$policies" -ge 4 ] && [ "$commands" -ge 5 ] && [ "$units" -ge 1 ] || fail "examples are missing"
