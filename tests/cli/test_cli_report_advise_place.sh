# SPDX-License-Identifier: MIT
# A rule names the file system where this host has it, else directories; none where flock is left
# alone, or where files have no name.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/advise_lib.sh"

advise <<END
pid=10 file=$here/a dev=$mount_device
pid=10 file=/srv/x/a dev=9999:1
pid=10 file=/srv/x/b dev=9999:1
pid=10 file=/srv/y/z/b dev=9999:1
pid=10 file=/top dev=9999:2
END
expect_block <<END
filesystem = $mount_point
END
expect_block <<'END'
[rule prog-path]
# 1 process of it.
program = prog
# Not mounted here: by name, which finds no hard links. Where the program runs,
# this report names the file system.
path = /*, /srv/x/*, /srv/y/z/*
END

# Too many directories: what they lie in.
for i in $(seq 30); do echo "pid=10 file=/srv/$i/a/lock"; done >many
advise <many
expect_block <<'END'
path = /srv/**
END

advise <<END
pid=10 file=/proc/self/x dev=$(stat -c %Hd:%Ld /proc)
pid=10 ino=5 dev=9999:1
pid=10 ino=6 dev=9999:1 file=/memfd:x\s(deleted)
pid=11 prog=gone ino=7 dev=9999:1 file=/srv/a\s(deleted)
END
expect_block <<'END'
# No rule for prog: files without a name, which no rule can take.
END
expect_block <<'END'
# No rule for prog on /proc: proc.
END
expect_block <<'END'
path = /srv/*
END
