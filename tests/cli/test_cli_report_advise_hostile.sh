# SPDX-License-Identifier: MIT
# Names of a trace make no line, no item and no rule of their own in the advice.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

advise <<'END'
pid=10 prog=x file=/srv/a\n[rule\sevil]\nflock\s=\ssucceed\nunsafe\s=\syes
pid=11 prog=y\n[rule\sevil] file=/srv/b,!/srv/c
pid=12 prog=!z file=/srv/*?[\\
pid=13 prog=]#; file=/srv/\s/d
pid=14 prog=a,b file=/srv/\x7f\x01/e
pid=15 prog=/etc/x file=/srv/f
pid=16 prog=\s file=/srv/g
pid=17 prog=.. file=/../srv/h
pid=18 prog=\xff\xfe file=/srv/\xff/i
END
if grep -v '^#' advice.conf | grep -vE '^(\[rule [A-Za-z0-9._-]+\]|(program|path|flock) = .*|)$' >"$work/err"; then
  fail "a line of another kind"
fi
expect_out "# No rule for y\n[rule evil]: a rule can't have the program's name." 'program = \!z' 'program = a\,b' 'path = /srv/*'
expect_not_in_out 'program = a,b'

# An exception names files, and only those.
advise <<'END'
t=1700000000 pid=10 prog=x file=/srv/a,\s/srv/**\n[b]\s
t=+1 pid=10 prog=x waited=0.5 file=/srv/a,\s/srv/**\n[b]\s
pid=10 prog=x file=/srv/b
END
expect_out 'path = /srv/a\, /srv/\*\*?\[b][ ]'

# As long as a trace can have them.
long=$(printf 'x%.0s' $(seq 60))
deep=/$(printf 'd*%.0s' $(seq 1900))
advise <<END
pid=10 prog=$long file=/srv/a
pid=10 prog=$long file=$deep
t=+1 pid=10 prog=$long waited=0.5 file=$deep
END
expect_out "program = $(printf 'x%.0s' $(seq 47))*"

# Two programs whose names look alike as a rule's name.
advise <<'END'
pid=10 prog=a+b file=/srv/a
pid=11 prog=a-b file=/srv/a
pid=12 prog=a@b file=/srv/a
END
expect_out '[rule a_b-path]' '[rule a-b-path]' '[rule a_b-path-2]'
