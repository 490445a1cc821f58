#!/bin/sh
# Installs the dictation program out of this folder: no network, no root. Run again, it goes on where it was stopped.
#   sh install.sh FOLDER [PYTHON]
set -eu
umask 022

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ $# -ge 1 ] && [ $# -le 2 ] && [ -n "$1" ] || fail "say where to: sh install.sh FOLDER [PYTHON]"
[ -r "$here/bundle.conf" ] || fail "bundle.conf is not beside this script; unpack the whole archive and run it from there."
. "$here/bundle.conf"

case $1 in
/*) target=$1 ;;
*) target=$(pwd)/$1 ;;
esac

version_of() {
    "$1" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none
}

if [ $# -eq 2 ]; then
    python=$2
    found=$(version_of "$python")
else
    python='' found=none
    for candidate in "python$PYTHON" python3 python; do
        this=$(version_of "$candidate")
        [ "$this" = none ] || found=$this
        if [ "$this" = "$PYTHON" ]; then
            python=$candidate
            break
        fi
    done
fi
[ "$found" = "$PYTHON" ] ||
    fail "this bundle needs Python $PYTHON and found ${found}; install it, or name it: sh install.sh FOLDER /path/to/python$PYTHON"
platform=$("$python" -I -c 'import sysconfig; print(sysconfig.get_platform())')
[ "$platform" = "$PLATFORM" ] || fail "this bundle is for $PLATFORM and this machine is $platform; take the bundle made for $platform."
"$python" -I -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python cannot make environments; install its venv module (Debian, Ubuntu: apt install python$PYTHON-venv)."

"$python" -I - "$here" "$target" "$GLIBC" "$NEEDED_MB" <<'CHECK' || exit 1
import hashlib, os, pathlib, shutil, sys

here, target, (glibc, needed_mb) = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
fail = lambda sentence: sys.exit("install.sh: " + sentence)
numbers = lambda text: tuple(int(part) for part in text.split("."))
try:
    lines = (here / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
except OSError:
    fail("SHA256SUMS is not beside this script; unpack the whole archive and run it from there.")
for line in lines:
    expected, name = line.split("  ", 1)
    try:
        with (here / name).open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        fail(f"{name} is missing; copy and unpack the archive again.")
    if actual != expected:
        fail(f"{name} is not as it was packed; copy and unpack the archive again.")
if numbers(glibc) > (0, 0):
    try:
        here_glibc = os.confstr("CS_GNU_LIBC_VERSION").split()[1]
    except (AttributeError, ValueError, OSError):
        fail(f"this bundle needs glibc {glibc}, and this system has another C library; use Debian, Ubuntu, RHEL or their like.")
    if numbers(here_glibc) < numbers(glibc):
        fail(f"this bundle needs glibc {glibc} and this system has {here_glibc}; use a newer release of the system.")
disk = next(folder for folder in (target, *target.parents) if folder.exists())
free_mb = shutil.disk_usage(disk).free // 1_000_000
if free_mb < int(needed_mb) and not (target / ".installed").exists():
    fail(f"{disk} has {free_mb} MB free and {needed_mb} MB are needed; free some space or give another folder.")
CHECK

# what this bundle holds, down to the last byte: two builds may have the same version
build=$("$python" -I -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$here/SHA256SUMS")
if [ -f "$target/.installed" ]; then
    installed=$(cat "$target/.installed")
    [ "${installed%% *}" = "$VERSION" ] ||
        fail "$target holds version ${installed%% *}; give version $VERSION a folder of its own."
    [ "$installed" = "$VERSION $build" ] ||
        fail "$target holds another build of version $VERSION; give this one a folder of its own, such as $target-2."
    echo "Version $VERSION is installed in $target already."
    exit 0
fi
if [ -e "$target" ] && [ ! -f "$target/.unfinished" ] && [ -n "$(ls -A "$target" 2>&1)" ]; then
    fail "$target is there and is not empty; give a new folder."
fi
mkdir -p "$target" 2>/dev/null && : >"$target/.unfinished" 2>/dev/null ||
    fail "$target cannot be written; give a folder that you may write to."
find "$target" -mindepth 1 -maxdepth 1 ! -name .unfinished -exec rm -rf {} +

echo "Installing version $VERSION into $target ..."
"$python" -I -m venv "$target" || fail "Python could not make an environment in $target; its own message stands above."
PIP_CONFIG_FILE=/dev/null "$target/bin/python" -I -m pip --isolated --disable-pip-version-check install --quiet \
    --no-index --no-cache-dir --find-links "$here/wheels" --require-hashes -r "$here/requirements.txt" ||
    fail "the packages could not be installed; pip's message stands above. Run this again once that is mended."
"$target/bin/python" -I -m pip --isolated check >/dev/null || fail "packages do not fit together; this is our bug."
echo "$VERSION $build" >"$target/.unfinished"
mv "$target/.unfinished" "$target/.installed"
echo "Done. Look: $target/bin/dictation doctor; try: $target/bin/dictation demo"
