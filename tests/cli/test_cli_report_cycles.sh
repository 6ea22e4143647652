# SPDX-License-Identifier: MIT
# Processes that wait for each other are named with what they wait for, once however often they do;
# so is who was answered EDEADLK. Who only might be in a circle is not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

make_trace three <<'END'
t=1700000000
repeat 3
pid=10 prog=a call=fcntl file=/srv/a fd=3
pid=11 prog=b call=fcntl file=/srv/b fd=3
pid=12 prog=c call=fcntl file=/srv/c fd=3
pid=10 prog=a call=fcntl id=wait file=/srv/b fd=4
pid=11 prog=b call=fcntl id=wait file=/srv/c fd=4
pid=12 prog=c call=fcntl id=wait file=/srv/a fd=4
pid=12 prog=c call=fcntl file=/srv/a fd=4 err=EDEADLK waited=0.000001
pid=12 prog=c call=fcntl id=release file=/srv/c fd=3
pid=11 prog=b call=fcntl file=/srv/c fd=4 waited=0.000003
pid=11 prog=b call=close id=release asked=POSIX file=/srv/c fd=4
pid=11 prog=b call=close id=release asked=POSIX file=/srv/b fd=3
pid=10 prog=a call=fcntl file=/srv/b fd=4 waited=0.000007
pid=10 prog=a call=close id=release asked=POSIX file=/srv/b fd=4
pid=10 prog=a call=close id=release asked=POSIX file=/srv/a fd=3
end
END
expect_json three <<'END'
same(cycles(), [([("c[12]", "/srv/a"), ("a[10]", "/srv/b"), ("b[11]", "/srv/c")], 3, False),
                ([("c[12]", "/srv/a")], 3, True)])
END
try "$LOCKSHIM" report three
expect_out "Deadlocks:" \
  "c[12] waits for /srv/a, held by a[10], which waits for /srv/b, held by b[11], which waits for /srv/c, held by c[12]" \
  "c[12] was answered EDEADLK at /srv/a"

# Two threads of one process; one thread and its own second open of a file.
make_trace threads <<'END'
t=1700000000 pid=10 tid=10 prog=java file=/srv/a fd=3
pid=10 tid=11 prog=java file=/srv/b fd=4
pid=10 tid=10 prog=java id=wait file=/srv/b fd=5
pid=10 tid=11 prog=java id=wait file=/srv/a fd=6
pid=20 prog=self file=/srv/c fd=3
pid=20 prog=self id=wait file=/srv/c fd=4
END
expect_json threads <<'END'
same(sorted(cycles()), [([("java[10]", "/srv/a"), ("java[10]", "/srv/b")], 1, False),
                        ([("self[20]", "/srv/c")], 1, False)])
END
try "$LOCKSHIM" report threads
expect_out "java[10/11] waits for /srv/a, held by java[10], which waits" \
  "self[20] waits for /srv/c, held by self[20]"

# The same circle, closed by one and then by the other.
make_trace turned <<'END'
t=1700000000 pid=10 prog=a call=fcntl file=/srv/a fd=3
pid=11 prog=b call=fcntl file=/srv/b fd=3
pid=10 prog=a call=fcntl id=wait file=/srv/b fd=4
pid=11 prog=b call=fcntl id=wait file=/srv/a fd=4
pid=11 prog=b call=fcntl file=/srv/a fd=4 err=EINTR waited=0.000001
pid=10 prog=a call=fcntl file=/srv/b fd=4 err=EINTR waited=0.000001
pid=11 prog=b call=fcntl id=wait file=/srv/a fd=4
pid=10 prog=a call=fcntl id=wait file=/srv/b fd=4
END
expect_json turned <<'END'
same([(len(c["cycle"]), c["times"]) for c in d["deadlocks"]], [(2, 2)])
END

# No circle: another thread holds it, a shared lock that flock let go of to wait, one that was
# handed on, one that another's grant shows to be gone.
make_trace none <<'END'
t=1700000000 pid=10 tid=10 prog=a file=/srv/a fd=3
pid=11 prog=b file=/srv/b fd=3
pid=10 tid=12 prog=a id=wait file=/srv/b fd=4
pid=11 prog=b id=wait file=/srv/a fd=4
t=+1 pid=20 prog=a op=shared file=/srv/c fd=3
pid=21 prog=a op=shared file=/srv/c fd=3
pid=20 prog=a id=wait file=/srv/c fd=3
pid=21 prog=a id=wait file=/srv/c fd=3
t=+1 pid=30 prog=a file=/srv/d fd=3 flags=inherited
pid=30 prog=a id=release call=close file=/srv/d fd=3 flags=inherited
pid=31 prog=b file=/srv/e fd=3
pid=30 prog=a id=wait file=/srv/e fd=3
pid=31 prog=b id=wait file=/srv/d fd=4
t=+1 pid=40 prog=a file=/srv/f fd=3
pid=41 prog=b file=/srv/g fd=3
pid=42 prog=c file=/srv/g fd=3
pid=41 prog=b id=wait file=/srv/f fd=4
pid=40 prog=a id=wait file=/srv/g fd=4
END
expect_json none <<'END'
same(cycles(), [])
END
