# SPDX-License-Identifier: MIT
# trace prints each record as strace would print the call, with what came of it.
. "$(dirname "$0")/lib.sh"
export TZ=UTC

"$MAKE_TRACE" t <<'END' || fail "make_trace"
t=5.000001 pid=10 prog=php file=/srv/s used=OFD flags=blocking rule=web\sat\s/etc/p:3
t=6.1 pid=11 tid=12 prog=php file=/srv/s used=OFD op=shared id=wait blocker=10
t=6.2 pid=10 prog=php file=/srv/s used=OFD id=release held=1.199999
t=6.2001 pid=11 tid=12 prog=php file=/srv/s used=OFD op=shared waited=0.1001
t=7 pid=20 call=fcntl file=/db start=100 len=10 err=EAGAIN
t=7.1 pid=20 call=fcntl file=/db op=shared flags=blocking,waited waited=2.5 err=EINTR
t=7.2 pid=20 call=fcntl file=/db op=unlock id=release start=5
t=7.3 pid=20 call=ofd file=/db id=query start=1 len=2 blocker=77
t=7.4 pid=20 call=lockf file=/db start=64 len=8
t=7.5 pid=20 call=lockf file=/db id=query len=8 err=EACCES
t=8 pid=20 file=/db fd=4 used=OFD flags=keeper,converted,held held=0.000012
t=8.1 pid=20 file=/db fd=4 op=shared err=EAGAIN flags=lost,shadow,converted used=none
t=8.2 pid=20 file=/db fd=4 call=close id=release used=OFD held=0.1 hazards=close,fork
t=8.3 pid=20 file=/db fd=-1 call=exit id=release used=POSIX asked=POSIX
t=8.4 pid=20 fd=-1 id=hazard call=fork op=unlock hazards=policy-differs
t=8.41 pid=20 file=/db used=none
t=8.5 pid=20 dev=8:17 ino=99 err=524
t=86400 pid=20 file=/db id=release
END
try "$LOCKSHIM" trace t
expect_status 0
expect_quiet
expect_text "-- 1970-01-01 UTC
00:00:05.000001 php[10] flock(3</srv/s>, LOCK_EX) = 0 as OFD, rule web at /etc/p:3
00:00:06.100000 php[11/12] flock(3</srv/s>, LOCK_SH) waits as OFD for pid 10
00:00:06.200000 php[10] flock(3</srv/s>, LOCK_UN) = 0 as OFD, held 1.199 s
00:00:06.200100 php[11/12] flock(3</srv/s>, LOCK_SH) = 0 as OFD, waited 100.100 ms
00:00:07.000000 prog[20] fcntl(3</db>, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=100, l_len=10}) = -1 EAGAIN
00:00:07.100000 prog[20] fcntl(3</db>, F_SETLKW, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = -1 EINTR, waited 2.500 s
00:00:07.200000 prog[20] fcntl(3</db>, F_SETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=5, l_len=0}) = 0
00:00:07.300000 prog[20] fcntl(3</db>, F_OFD_GETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=1, l_len=2}) = 0, held by pid 77
00:00:07.400000 prog[20] lockf(3</db>, F_TLOCK, 8) = 0, from byte 64
00:00:07.500000 prog[20] lockf(3</db>, F_TEST, 8) = -1 EACCES
00:00:08.000000 prog[20] flock(4</db>, LOCK_EX|LOCK_NB) = 0 as OFD, upgraded, by a keeper, held 0.012 ms
00:00:08.100000 prog[20] flock(4</db>, LOCK_SH|LOCK_NB) = -1 EAGAIN, downgraded, what was held is lost, shadow
00:00:08.200000 prog[20] close(4</db>) lets go of OFD, held 100.000 ms, hazard close+fork
00:00:08.300000 prog[20] exit(</db>) lets go of POSIX
00:00:08.400000 prog[20] fork(), hazard policy-differs
00:00:08.410000 prog[20] flock(3</db>, LOCK_EX|LOCK_NB) = 0, without a lock
00:00:08.500000 prog[20] flock(3<8:17 inode 99>, LOCK_EX|LOCK_NB) = -1 524
-- 1970-01-02 UTC
00:00:00.000000 prog[20] flock(3</db>, LOCK_UN) = 0"

# Times are the reader's.
TZ=XYZ-2 try "$LOCKSHIM" trace t
expect_out "-- 1970-01-01 XYZ" "02:00:05.000001 php[10]"

# Who still waits stands last, under its own heading, and is not there for who was answered.
"$MAKE_TRACE" waits <<'END' || fail "make_trace"
t=5 pid=1 file=/a
t=6 pid=3 file=/a id=wait blocker=1
t=7 pid=2 tid=9 file=/a id=wait
t=8 pid=4 file=/a id=wait
t=9 pid=4 file=/a err=EINTR waited=1
END
try "$LOCKSHIM" trace waits
expect_status 0
[ "$(sed -n '/still/,$p' "$work/out")" = "-- still waiting at the end
00:00:06.000000 prog[3] flock(3</a>, LOCK_EX) waits for pid 1
00:00:07.000000 prog[2/9] flock(3</a>, LOCK_EX) waits" ] || fail "not the waits expected"

# Records of one time and of many streams: each once, in the order of the times.
i=100
while [ $i -lt 160 ]; do
  echo "t=5.$i pid=$i"
  echo "t=6.$((259 - i)) pid=$i"
  i=$((i + 1))
done | "$MAKE_TRACE" many || fail "make_trace"
try sh -c 'ulimit -n 24 && "$1" trace many' - "$LOCKSHIM"
expect_status 0
[ "$(grep -c flock "$work/out")" -eq 120 ] || fail "not 120 records"
sed 1d "$work/out" | LC_ALL=C sort -c || fail "not in the order of their times"
