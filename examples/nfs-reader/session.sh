#!/bin/bash
# SPDX-License-Identifier: MIT
# Inside the NFS machine: a writer on client 1 sees the export through bindfs, which keeps locks to
# itself; a reader on client 2 reads without a lock.
set -eu

install -D -m 644 policy.conf /etc/lockshim/nfs-reader.conf
install -m 644 /room/shim/liblockshim.so /usr/lib/x86_64-linux-gnu/
install -D -m 755 -t /usr/lib/x86_64-linux-gnu/lockshim /room/shim/lockshim/lockshim-keeper
mapfile -t dropin < <(sed -n 's/^Environment=//p' lockshim.conf)
# Else what nobody flushed is written out after 5 to 30 seconds, and a slow machine sees that.
echo 360000 >/proc/sys/vm/dirty_writeback_centisecs
mkdir -p /srv/status
modprobe fuse

writer() { nfs-client 1 env "$@" "$PWD/writer" /srv/status/state; }
reader() { nfs-client 2 cat "/mnt/c2/$1/state"; }

# show TEXT MOUNT ENVIRONMENT…: what the reader sees while the writer goes on, its lock let go of.
show() {
	echo idle >/export/state
	reader "$2" >/dev/null
	coproc service { writer "${@:3}"; }
	read -r said <&"${service[0]}"
	printf '  %-5s %-20s wrote %s, the reader sees %s\n' "$2" "$1" "$said" "$(reader "$2")"
	# shellcheck disable=SC2154 # coproc sets it
	local pid=$service_PID
	eval "exec ${service[1]}>&-"
	wait "$pid"
}

cat >writer <<'END'
#!/usr/bin/python3
import fcntl, os, sys

file = os.open(sys.argv[1], os.O_RDWR)
fcntl.flock(file, fcntl.LOCK_EX)
os.pwrite(file, b"busy\n", 0)
fcntl.flock(file, fcntl.LOCK_UN)
print("busy", flush=True)
sys.stdin.read()
END
chmod 755 writer

for mount in v3 v42; do
	nfs-client 1 bindfs "/mnt/c1/$mount" /srv/status
	show 'without lockshim' "$mount" SHIM=none
	show 'with lockshim' "$mount" "${dropin[@]}"
	nfs-client 1 umount /srv/status
done

nfs-client 1 bindfs /mnt/c1/v42 /srv/status
printf '\n%s\n' '$ lockshim explain -p /etc/lockshim/nfs-reader.conf /srv/status/state | grep on-unlock'
nfs-client 1 lockshim explain -p /etc/lockshim/nfs-reader.conf /srv/status/state | grep on-unlock
