# What the build and the tests need from the system, and how to get it.
# Sourced by the other scripts, in the project's root.

# One word a package.  node and npm are added when no usable ones are found.
BUILD_PACKAGES="gcc libc6-dev make autoconf automake autoconf-archive
	pkg-config libevent-dev libuv1-dev libwebsockets-dev
	libwebsockets-evlib-uv libpq-dev libhiredis-dev libjson-c-dev
	libsqlite3-dev libssl-dev libjwt-dev libsodium-dev
	libcurl4-openssl-dev ca-certificates"
TEST_PACKAGES="clang libcmocka-dev postgresql pgbouncer redis-server sqlite3
	chromium valgrind xz-utils git openssl bsdutils procps
	prometheus nginx-light haproxy systemd libseccomp-dev libfaketime
	dpkg-dev mandoc"

NODE_OLDEST=18

say() {
	echo "$0: $*" >&2
}

die() {
	say "$@"
	exit 1
}

# Is there a node that is new enough, and an npm?
have_node() {
	command -v npm >/dev/null 2>&1 || return 1
	major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) ||
	    return 1
	[ "$major" -ge "$NODE_OLDEST" ]
}

# The packages among the arguments that dpkg does not have installed.
missing_packages() {
	dpkg-query -W -f '${Status} ${Package}\n' "$@" 2>/dev/null |
	    sed -n 's/^install ok installed //p' |
	    { have=" $(tr '\n' ' ')"
	    for p; do
		case $have in
		*" $p "*) ;;
		*) echo "$p" ;;
		esac
	    done; }
}

# Install those of the arguments that are missing; stop when that cannot be.
need_packages() {
	have_node || set -- "$@" nodejs npm
	if ! command -v apt-get >/dev/null 2>&1 ||
	    ! command -v dpkg-query >/dev/null 2>&1; then
		command -v autoreconf >/dev/null 2>&1 &&
		    command -v pkg-config >/dev/null 2>&1 && have_node ||
			die "not a Debian system; install by hand what these" \
			    "Debian packages hold, then run $0 again:" "$@"
		return 0
	fi
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -eq 0 ]; then
		as_root="env"
	elif command -v sudo >/dev/null 2>&1; then
		as_root="sudo env"
	else
		die "neither root nor sudo; install these, then run $0" \
		    "again:" $missing
	fi
	say "installing" $missing
	$as_root DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
	$as_root DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
	    --no-install-recommends $missing >&2
}

# The npm packages that the lock file of the folder $1 pins, in its node_modules:
# installed once for each state of that file.
need_modules() {
	cmp -s "$1/package-lock.json" "$1/node_modules/.lock-installed" &&
	    return 0
	(cd "$1" && npm ci --ignore-scripts --loglevel=error >&2)
	cp "$1/package-lock.json" "$1/node_modules/.lock-installed"
}

# What the tests of the tree $1 are written with.
need_test_modules() {
	need_modules "$1/tests"
}

# The applications' bundlers and editors that the tests of the tree $1 build
# the JavaScript client with.
need_bundlers() {
	need_modules "$1/tests/bundlers"
}

# The JavaScript client of the tree $1, with its packages, built in clients/js/dist.
need_client() {
	client=$1/clients/js
	need_modules "$client"
	[ -z "$(find "$client/src" "$client/build.mjs" "$client/tsconfig.json" \
	    "$client/package.json" \
	    "$client/node_modules/.lock-installed" \
	    -newer "$client/dist/index.js" 2>&1 | head -n 1)" ] ||
		(cd "$client" && npm run --silent build >&2)
}
