#!/bin/sh
# A private PostgreSQL on loopback for tests written in C, fsync on, data in a
# folder of the caller's.  PostgreSQL refuses root: root works as postgres.
#
#	pg.sh start DIR		make it if need be, start, wait; prints the URL
#	pg.sh kill DIR		SIGKILL to every process of it
#	pg.sh stop DIR		at once, as for a power cut, but tidily
#	pg.sh standby DIR FROM	make DIR a standby of FROM, start; prints the URL
#	pg.sh promote DIR
#	pg.sh bouncer DIR	a PgBouncer before it, transaction mode; DIR/bouncer.port
#	pg.sh sql DIR DATABASE SQL	run it; prints the rows
#	pg.sh dump DIR DATABASE		print its schema
#
# DIR/port keeps the port over restarts.  The server ends with the process
# that started it, named by PG_OWNER (a pid), should that forget to stop it.
set -eu

what=$1
dir=$2
data=$dir/data
log=$dir/log

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb)")

as=
if [ "$(id -u)" = 0 ]; then
	as="setpriv --reuid=postgres --regid=postgres --clear-groups --"
	chown postgres "$dir"
fi

init() {
	$as "$bin/initdb" -D "$data" -U otd -A trust -E UTF8 --locale=C.UTF-8 \
	    --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
	cat >>"$data/postgresql.conf" <<-CONF
		listen_addresses = '127.0.0.1'
		unix_socket_directories = ''
		shared_buffers = 64MB
		max_connections = 60
		fsync = on
		synchronous_commit = on
		autovacuum = off
		wal_level = replica
		hot_standby = on
		wal_sender_timeout = 5s
	CONF
}

# Ports are drawn until the server can have one.
start() {
	tries=0
	while :; do
		if [ -s "$dir/port" ]; then
			port=$(cat "$dir/port") user=otd
		else
			port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
		fi
		# A killed server's children may need a moment to be gone.
		if (cd / && $as "$bin/pg_ctl" -D "$data" -o "-p $port" -l "$log" -w -t 30 start) \
		    >"$dir/ctl.log" 2>&1; then
			echo "$port" >"$dir/port"
			break
		fi
		tries=$((tries + 1))
		[ $tries -lt 20 ] || { tail -n 20 "$dir/ctl.log" "$log" >&2; exit 1; }
		sleep 0.3
	done
	[ -z "${PG_OWNER:-}" ] || watch "$(head -n 1 "$data/postmaster.pid")" &
	url postgres
}

url() {
	echo "postgres://otd@127.0.0.1:$(cat "$dir/port")/$1"
}

watch() {
	exec >/dev/null 2>&1 </dev/null
	while kill -0 "$1" && kill -0 "$PG_OWNER"; do sleep 1; done
	kill -0 "$PG_OWNER" || kill -QUIT "$1"
}

case $what in
start)
	[ -d "$data" ] || init
	start
	;;
kill)
	pid=$(head -n 1 "$data/postmaster.pid")
	kill -KILL "$pid" $(cat "/proc/$pid/task/$pid/children")
	;;
stop)
	[ ! -f "$dir/bouncer.pid" ] || kill -INT "$(cat "$dir/bouncer.pid")" || :
	[ ! -f "$data/postmaster.pid" ] ||
	    (cd / && $as "$bin/pg_ctl" -D "$data" -m immediate -w stop) >"$dir/ctl.log" 2>&1 || :
	;;
standby)
	$as "$bin/pg_basebackup" -D "$data" -R -X stream -c fast \
	    -d "postgres://otd@127.0.0.1:$(cat "$3/port")/postgres" >"$dir/initdb.log" 2>&1
	start
	;;
promote)
	(cd / && $as "$bin/pg_ctl" -D "$data" -w promote) >"$dir/ctl.log" 2>&1
	;;
sql)
	"$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$(url "$3")" -c "$4"
	;;
bouncer)
	conf=$dir/bouncer.ini
	tries=0
	while :; do
		port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
		# Few sessions, so that transactions of one client meet several.
		cat >"$conf" <<-CONF
			[databases]
			* = host=127.0.0.1 port=$(cat "$dir/port") user=otd
			[pgbouncer]
			listen_addr = 127.0.0.1
			listen_port = $port
			unix_socket_dir =
			auth_type = any
			pool_mode = transaction
			default_pool_size = 3
			logfile = $dir/bouncer.log
			pidfile = $dir/bouncer.pid
		CONF
		# It finds its port taken only when it is a daemon already.
		if $as "$(command -v pgbouncer || echo /usr/sbin/pgbouncer)" -q -d "$conf" \
		    >"$dir/bouncer.out" 2>&1 && sleep 0.3 && "$bin/psql" -X -q -A -t \
		    -d "postgres://otd@127.0.0.1:$port/postgres" -c 'SELECT 1' >/dev/null 2>&1; then
			echo "$port" >"$dir/bouncer.port"
			break
		fi
		tries=$((tries + 1))
		[ $tries -lt 20 ] || { cat "$dir/bouncer.out" >&2; exit 1; }
	done
	[ -z "${PG_OWNER:-}" ] || watch "$(cat "$dir/bouncer.pid")" &
	;;
dump)
	# newer ones fence their output with a random key
	"$bin/pg_dump" --schema-only -d "$(url "$3")" | sed '/^.\(un\)\{0,1\}restrict /d'
	;;
*)
	echo "usage: pg.sh start|kill|stop|standby|promote|bouncer|sql|dump DIR ..." >&2
	exit 1
	;;
esac
