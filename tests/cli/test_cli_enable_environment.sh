# SPDX-License-Identifier: MIT
# What the drop-in sets is what the service gets: nothing is written that systemd would read otherwise,
# or that one of the unit's environment files goes over.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/enable_lib.sh"
echo 'ExecStart=/usr/bin/maild' | service
enable_lib_can_enter
newline='
'

# A line of its own in the drop-in, or a value that systemd leaves out.
for text in "a${newline}ExecStart=/bin/evil" "$(printf 'a\001b')" "$(printf 'a\377b')" \
  "$(printf '\303')"; do
  enable -s "$text"
  expect_status 2
  expect_err "--service: " "has a control character, or is no UTF-8"
  [ ! -e "$ours" ] || fail "written all the same"
done
enable --trace "/srv${newline}[Service]"
expect_status 2
expect_err "--trace: "
enable --dry-run -s "$(printf 'caf\303\251\tone')"
expect_status 0
enable --dry-run -o "trace = all${newline}log = all"
expect_out 'LOCKSHIM_SET=trace = all; log = all"'

# What is there already is kept as systemd has it.
preloads() { # VALUE MERGED
  drop_in a.conf "Environment=LD_PRELOAD=$1"
  enable --dry-run
  expect_status 0
  expect_out "LD_PRELOAD=/lib/liblockshim.so:$2\""
}
preloads '%E/x.so' /etc/x.so
preloads '%h/x.so' /root/x.so
preloads '/lib/\x61\142.so' /lib/ab.so
preloads '/lib/%p-%j.so' /lib/maild-maild.so
preloads '/lib/100%%.so' '/lib/100%%.so'
drop_in a.conf 'Environment=A=%m LD_PRELOAD=/x.so'
enable --dry-run
expect_status 0
drop_in a.conf 'Environment=LD_PRELOAD=/lib/%m.so'
enable
expect_status 2
expect_err "a.conf:2: Environment=LD_PRELOAD=/lib/%m.so: cannot tell what %m in LD_PRELOAD comes to"

# Environment files: one path each, with wildcards and specifiers, in no quotes.
mkdir -p "$root/etc/default/more"
printf 'A=b\nLD_PRELOAD =/x.so\n' >"$root/etc/default/mail d"
cp "$root/etc/default/mail d" "$root/etc/default/more/maild.conf"
undone() { # VALUE FILE
  drop_in a.conf "EnvironmentFile=$1"
  enable
  expect_status 2
  expect_err "$2:2: sets LD_PRELOAD, and an EnvironmentFile= goes over"
  [ ! -e "$ours" ] || fail "written all the same"
}
fine() { # VALUE
  drop_in a.conf "EnvironmentFile=$1"
  enable --dry-run
  expect_status 0
  expect_quiet
}
undone '/etc/default/mail d' '/etc/default/mail d'
undone '-%E/default/more/%N.conf' /etc/default/more/maild.conf
undone '-/etc/default/*/*.conf' /etc/default/more/maild.conf
undone '/etc/default/[m]ail?d' '/etc/default/mail d'
fine '"/etc/default/mail d"'
fine '-/etc/default/more/*.env'
for text in '/etc/%m' '/etc/{default,other}/mail'; do
  drop_in a.conf "EnvironmentFile=$text"
  enable
  expect_status 2
  expect_err "a.conf:2: EnvironmentFile=$text: cannot tell which file this is"
done
