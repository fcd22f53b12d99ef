#!/bin/sh
# Fetches the C sources of the firmware, if they are missing:
#
#     port/sources/fetch.sh DIR micropython  ->  DIR/micropython-1.25.0, with mbedTLS in its lib/mbedtls
#     port/sources/fetch.sh DIR micropython-newest  ->  DIR/micropython-newest, the version in Debian's
#                                                  development suite, which Debian's signed lists
#                                                  protect, not a checksum below
#     port/sources/fetch.sh DIR micropython-stock  ->  DIR/micropython-stock/micropython, the interpreter that
#                                                  Debian ships, with the libraries that it needs: stock
#                                                  firmware for the native module, with mip
#     port/sources/fetch.sh DIR micropython-stock-newest  ->  the same of Debian's development suite
#     port/sources/fetch.sh DIR lwip         ->  DIR/lwip-2.2.1, which the MPS2 boards use
#     port/sources/fetch.sh DIR pico-sdk     ->  DIR/pico-sdk-2.1.1, for boards of the rp2 port
#     port/sources/fetch.sh DIR tinyusb      ->  DIR/tinyusb-0.18.0, for these boards
#
# The script first tries the upstream tarballs of Debian's source packages, or Debian's packages of sources,
# and checks them against the checksums below. apt fetches them from the mirror of this machine, needs no
# root for that, and does not change the system's package lists. If that fails, the script clones the
# authors' repositories with git. A folder gets its final name only when it is complete.

# The functions at the end are called through "$means".
# shellcheck disable=SC2317,SC2329

set -eu

MICROPYTHON_VERSION=1.25.0
MICROPYTHON_SHA256=7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea
MICROPYTHON_GIT=https://github.com/micropython/micropython.git
MBEDTLS_VERSION=3.6.6
MBEDTLS_SHA256=8fb65fae8dcae5840f793c0a334860a411f884cc537ea290ce1c52bb64ca007a
LWIP_VERSION=2.2.1
LWIP_SHA256=83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1
LWIP_GIT=https://github.com/lwip-tcpip/lwip.git
LWIP_TAG=STABLE-2_2_1_RELEASE
PICO_SDK_VERSION=2.1.1
PICO_SDK_SHA256=507a3ca37636641bc90239d7c04dc9dc28c5008087a8162102ea94d2273153d3
PICO_SDK_GIT=https://github.com/raspberrypi/pico-sdk.git
TINYUSB_VERSION=0.18.0
TINYUSB_SHA256=01ce2c645df68f14a8a7dcfc8fb355713152543757955820479a87949a61154e
TINYUSB_GIT=https://github.com/hathach/tinyusb.git
SUITE=trixie
# The newest version, if git fetches it.
NEWEST_VERSION=1.26.1
NEWEST_SUITE=sid

mkdir -p "$1"
DIR=$(cd "$1" && pwd)
DOWNLOADS=$DIR/downloads
LOG=$DIR/fetch.log
APT=$DIR/apt
case $2 in
    micropython) TREE=$DIR/micropython-$MICROPYTHON_VERSION TITLE="MicroPython $MICROPYTHON_VERSION" ;;
    micropython-newest) TREE=$DIR/micropython-newest TITLE="the newest MicroPython" ;;
    micropython-stock | micropython-stock-newest) TREE=$DIR/$2 TITLE="Debian's MicroPython" ;;
    lwip) TREE=$DIR/lwip-$LWIP_VERSION TITLE="lwIP $LWIP_VERSION" ;;
    pico-sdk) TREE=$DIR/pico-sdk-$PICO_SDK_VERSION TITLE="pico-sdk $PICO_SDK_VERSION" ;;
    tinyusb) TREE=$DIR/tinyusb-$TINYUSB_VERSION TITLE="TinyUSB $TINYUSB_VERSION" ;;
    *) echo "usage: $0 DIR micropython|micropython-newest|micropython-stock|micropython-stock-newest|lwip|pico-sdk|tinyusb" >&2; exit 2 ;;
esac
PART=$TREE.part

say() { printf '%s\n' "$*"; }

# find_archive NAME VERSION SHA256: prints the path of a downloaded archive that has this sum.
find_archive() {
    for file in "$DOWNLOADS/$1_$2"*.orig.tar.* "$DOWNLOADS/$1_$2"*.deb; do
        if [ -f "$file" ] && printf '%s  %s\n' "$3" "$file" | sha256sum -c --status -; then
            printf '%s\n' "$file"
            return 0
        fi
    done
    return 1
}

# debian_site: prints the mirror from which apt gets Debian's packages.
debian_site() {
    # shellcheck disable=SC2016  # apt expands these
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(SITE)' 'Identifier: Packages' 2>>"$LOG" |
        sed -n 's/^Debian|Debian|//p' | head -n 1
}

# private_apt ARGS...: runs apt-get with its own lists and downloads.
private_apt() {
    apt-get -q -o Dir::Etc::sourcelist="$APT/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$APT/lists" -o Dir::Cache="$APT/cache" \
        -o APT::Sandbox::User= -o APT::Get::List-Cleanup=0 "$@" >>"$LOG" 2>&1
}

# package_lists KIND: fetches the lists of Debian's packages (deb) or source packages (deb-src).
package_lists() {
    command -v apt-get >/dev/null || { why="there is no apt-get here"; return 1; }
    [ ! -f "$APT/ready-$1" ] || return 0
    say "  SOURCES  package lists of Debian $SUITE, by apt"
    site=$(debian_site)
    [ -n "$site" ] || { why="apt has no list of Debian packages here"; return 1; }
    signed_by=
    for keyring in /usr/share/keyrings/debian-archive-keyring.gpg \
                   /usr/share/keyrings/debian-archive-keyring.pgp; do
        [ -f "$keyring" ] && signed_by="[signed-by=$keyring] " && break
    done
    mkdir -p "$APT/lists/partial" "$APT/cache/archives/partial"
    for entry in deb deb-src; do
        if [ "$entry" = "$1" ] || [ -f "$APT/ready-$entry" ]; then
            say "$entry $signed_by$site $SUITE main"
        fi
    done >"$APT/sources.list"
    # A hook of this machine may fail without root. It is enough that the list has arrived.
    private_apt update || true
    case $1 in deb) lists=Packages ;; deb-src) lists=Sources ;; esac
    ls "$APT"/lists/*_"$lists"* >/dev/null 2>&1 ||
        { why="apt could not read the lists of Debian $SUITE"; return 1; }
    : >"$APT/ready-$1"
}

# fetch_debian KIND NAME VERSION SHA256: fetches the source package or the package of that name.
fetch_debian() {
    kind=$1
    shift
    find_archive "$@" >/dev/null && return 0
    package_lists "$kind" || return 1
    mkdir -p "$DOWNLOADS"
    case $kind in
        deb-src)
            say "  SOURCES  $1 $2, the source package of Debian $SUITE"
            (cd "$DOWNLOADS" && private_apt source --download-only --tar-only "$1") || true
            ;;
        deb)
            say "  SOURCES  $1 $2, the package of Debian $SUITE"
            (cd "$DOWNLOADS" && private_apt download "$1/$SUITE") || true
            ;;
    esac
    find_archive "$@" >/dev/null && return 0
    rm -f "$APT/ready-$kind" "$DOWNLOADS/$1_"*
    why="Debian $SUITE did not give $1 $2 with the expected checksum"
    return 1
}

# unpack NAME VERSION SHA256 INTO: unpacks the archive; its single top folder becomes INTO.
unpack() {
    mkdir -p "$4"
    tar -xf "$(find_archive "$1" "$2" "$3")" -C "$4" --strip-components=1
}

micropython_from_debian() {
    fetch_debian deb-src micropython "$MICROPYTHON_VERSION" "$MICROPYTHON_SHA256" || return 1
    fetch_debian deb-src mbedtls "$MBEDTLS_VERSION" "$MBEDTLS_SHA256" || return 1
    say "  UNPACK   micropython $MICROPYTHON_VERSION, mbedtls $MBEDTLS_VERSION"
    unpack micropython "$MICROPYTHON_VERSION" "$MICROPYTHON_SHA256" "$PART" &&
        rm -rf "$PART/lib/mbedtls" &&
        unpack mbedtls "$MBEDTLS_VERSION" "$MBEDTLS_SHA256" "$PART/lib/mbedtls" ||
        { why="the archives could not be unpacked"; return 1; }
}

micropython_newest_from_debian() {
    fetch_debian deb-src mbedtls "$MBEDTLS_VERSION" "$MBEDTLS_SHA256" || return 1
    SUITE=$NEWEST_SUITE APT=$DIR/apt-$NEWEST_SUITE DOWNLOADS=$DIR/downloads-$NEWEST_SUITE
    package_lists deb-src || return 1
    say "  SOURCES  micropython, the source package of Debian $SUITE"
    rm -rf "$DOWNLOADS" && mkdir -p "$DOWNLOADS"
    (cd "$DOWNLOADS" && private_apt source --download-only --tar-only micropython) || true
    set -- "$DOWNLOADS"/micropython_*.orig.tar.*
    DOWNLOADS=$DIR/downloads
    [ -f "$1" ] || { why="Debian $SUITE did not give micropython"; return 1; }
    say "  UNPACK   $(basename "$1"), mbedtls $MBEDTLS_VERSION"
    mkdir -p "$PART" && tar -xf "$1" -C "$PART" --strip-components=1 &&
        rm -rf "$PART/lib/mbedtls" &&
        unpack mbedtls "$MBEDTLS_VERSION" "$MBEDTLS_SHA256" "$PART/lib/mbedtls" ||
        { why="the archives could not be unpacked"; return 1; }
}

# Debian's signed lists protect these packages. This machine may be older than the suite: the interpreter runs
# with the suite's libraries.
micropython_stock_from_debian() {
    command -v dpkg >/dev/null || { why="there is no dpkg here"; return 1; }
    package_lists deb || return 1
    say "  SOURCES  micropython, the package of Debian $SUITE"
    mkdir -p "$PART/packages"
    (cd "$PART/packages" &&
        private_apt download micropython libc6 libffi8 libmbedcrypto16 libmbedtls21 libmbedx509-7) ||
        { why="Debian $SUITE did not give micropython and its libraries"; return 1; }
    for package in "$PART"/packages/*.deb; do
        dpkg -x "$package" "$PART" || { why="$package could not be unpacked"; return 1; }
    done
    rm -rf "$PART/packages"
    # shellcheck disable=SC2016  # for the shell that runs it
    printf '%s\n' '#!/bin/sh' 'here=$(dirname "$0")' \
        'lib=$(echo "$here"/usr/lib/*-linux-gnu)' \
        'exec "$(echo "$lib"/ld-linux-*.so.2)" --library-path "$lib" "$here/usr/bin/micropython" "$@"' >"$PART/micropython"
    chmod +x "$PART/micropython"
}

micropython_stock_newest_from_debian() {
    SUITE=$NEWEST_SUITE APT=$DIR/apt-$NEWEST_SUITE
    micropython_stock_from_debian
}

micropython_stock_newest_from_git() {
    micropython_stock_from_git
}

micropython_stock_from_git() {
    why="only Debian has it"
    return 1
}

micropython_newest_from_git() {
    MICROPYTHON_VERSION=$NEWEST_VERSION
    micropython_from_git
}

micropython_from_git() {
    clone "$MICROPYTHON_GIT" "v$MICROPYTHON_VERSION" &&
        git -C "$PART" submodule update --quiet --init --depth 1 lib/mbedtls </dev/null >>"$LOG" 2>&1 ||
        { why="git could not clone $MICROPYTHON_GIT (v$MICROPYTHON_VERSION and its lib/mbedtls)"; return 1; }
}

lwip_from_debian() {
    fetch_debian deb-src lwip "$LWIP_VERSION" "$LWIP_SHA256" || return 1
    say "  UNPACK   lwip $LWIP_VERSION"
    unpack lwip "$LWIP_VERSION" "$LWIP_SHA256" "$PART" || { why="the archive could not be unpacked"; return 1; }
}

pico_sdk_from_debian() {
    packaged_sources pico-sdk-source "$PICO_SDK_VERSION" "$PICO_SDK_SHA256" pico-sdk
}

pico_sdk_from_git() {
    clone "$PICO_SDK_GIT" "$PICO_SDK_VERSION" || { why="git could not clone $PICO_SDK_GIT ($PICO_SDK_VERSION)"; return 1; }
}

tinyusb_from_debian() {
    packaged_sources tinyusb-source "$TINYUSB_VERSION" "$TINYUSB_SHA256" tinyusb
}

tinyusb_from_git() {
    clone "$TINYUSB_GIT" "$TINYUSB_VERSION" || { why="git could not clone $TINYUSB_GIT ($TINYUSB_VERSION)"; return 1; }
}

# packaged_sources NAME VERSION SHA256 FOLDER: unpacks /usr/src/FOLDER of the package.
packaged_sources() {
    command -v dpkg >/dev/null || { why="there is no dpkg here"; return 1; }
    fetch_debian deb "$1" "$2" "$3" || return 1
    say "  UNPACK   $1 $2"
    rm -rf "$PART.package"
    dpkg -x "$(find_archive "$1" "$2" "$3")" "$PART.package" &&
        mv "$PART.package/usr/src/$4" "$PART" ||
        { why="the package $1 could not be unpacked"; return 1; }
    rm -rf "$PART.package"
}

lwip_from_git() {
    clone "$LWIP_GIT" "$LWIP_TAG" || { why="git could not clone $LWIP_GIT ($LWIP_TAG)"; return 1; }
}

# clone REPOSITORY TAG: clones into $PART.
clone() {
    say "  SOURCES  $2, by git from $1"
    command -v git >/dev/null && git clone --quiet --depth 1 --branch "$2" "$1" "$PART" </dev/null >>"$LOG" 2>&1
}

[ -d "$TREE" ] && exit 0

: >"$LOG"
export GIT_TERMINAL_PROMPT=0
name=$(printf %s "$2" | tr - _)
for means in "${name}_from_debian" "${name}_from_git"; do
    rm -rf "$PART"
    if "$means"; then
        mv "$PART" "$TREE"
        exit 0
    fi
    say "  SOURCES  $why"
    tried="${tried:-}
  - $why"
done
rm -rf "$PART"
cat >&2 <<END
$TITLE could not be fetched. Tried:$tried
(details in $LOG)
The way out is a checkout of MicroPython of your own, with its submodules (at least lib/mbedtls,
for boards also lib/lwip, or lib/pico-sdk and lib/tinyusb):
  make MPY_DIR=/path/to/micropython ...
END
exit 1
