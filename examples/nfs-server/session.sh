#!/bin/bash
# SPDX-License-Identifier: MIT
# Inside the NFS machine, on the server: who gets a lock that another holds, without lockshim and
# with it. client and server name one file; a service gets the drop-in's environment, as by systemd.
set -eu

install -D -m 644 policy.conf /etc/lockshim/nfs-server.conf
install -D -m 644 filesystem.conf /etc/lockshim/filesystem.conf
install -m 644 /room/shim/liblockshim.so /usr/lib/x86_64-linux-gnu/
install -D -m 755 -t /usr/lib/x86_64-linux-gnu/lockshim /room/shim/lockshim/lockshim-keeper
mapfile -t service < <(sed -n 's/^Environment=//p' lockshim.conf)
file=/export/mailbox
: >"$file"

server() { "$@" "$file"; }
client() { nfs-client 1 "$@" /mnt/c1/v3/mailbox; }

# hold WHO PREFIX…: WHO holds the lock, and is heard to hold it, until let_go.
hold() {
	coproc holder { "$1" "${@:2}" "$PWD/holder"; }
	read -r _ <&"${holder[0]}"
}

let_go() {
	# shellcheck disable=SC2154 # coproc sets it
	local pid=$holder_PID
	eval "exec ${holder[1]}>&-"
	wait "$pid"
}

# ask TEXT WHO PREFIX…: one line, whether WHO gets the lock now.
ask() {
	local told='is refused'
	! "$2" "${@:3}" "$PWD/asker" || told='gets it too'
	printf '  %-36s %s\n' "$1" "$told"
}

proc_locks() {
	local number
	number=$(stat -c %i "$file")
	printf '  %-36s %s\n' /proc/locks "$(sed -n "s/^[0-9]*: \([A-Z]*\) .*:$number .*/\1/p" /proc/locks | sort -u)"
}

cat >holder <<'END'
#!/bin/sh
exec flock -x "$1" -c 'echo held; read -r _ || :'
END
cat >asker <<'END'
#!/bin/sh
exec flock -n -x "$1" true
END
chmod 755 holder asker

echo 'A client holds the lock:'
hold client
ask 'flock on the server' server
ask 'flock on the server, with lockshim' server env "${service[@]}"
let_go

echo 'flock on the server holds it:'
hold server
proc_locks
ask 'a client' client
let_go

echo 'flock on the server holds it, with lockshim:'
hold server env "${service[@]}"
proc_locks
ask 'a client' client
ask 'another on the server, with lockshim' server env "${service[@]}"
ask 'another on the server, without' server
let_go

echo
for policy in nfs-server filesystem; do
	printf '%s\n' "\$ lockshim explain -p /etc/lockshim/$policy.conf $file | sed '/^CALL/,\$d'"
	lockshim explain -p "/etc/lockshim/$policy.conf" "$file" | sed '/^CALL/,$d'
done
