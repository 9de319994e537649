"""The script that installs a bundle: plain sh, without network, and not one byte before every digest holds."""

from __future__ import annotations

from typing import Final

from workspace.bundle_debian import Closure
from workspace.bundle_parts import Part
from workspace.isolation.box import OWN_PLACES

INSTALL: Final = """\
#!/bin/sh
# Installs Datakamp from this folder, without network:  sh install.sh [--parts LIST] DIR
# DIR becomes a Python environment; the command is DIR/bin/datakamp. PYTHON names another Python than the system's.
# LIST is one or more of: {commas}. Without it, all. All but python are Debian packages, which
# root installs; without python no DIR is given.
set -euf
here=$(cd "$(dirname "$0")" && pwd)
offered="{spaces}"
fail() {{ echo "install: $1" >&2; exit 1; }}
usage() {{ echo "Usage: sh install.sh [--parts {commas}] DIR" >&2; exit 2; }}

chosen=$offered
if [ "${{1:-}}" = --parts ]; then
  [ $# -ge 2 ] || usage
  chosen=$(echo "$2" | tr , ' '); shift 2
  [ -n "$chosen" ] || usage
fi
for part in $chosen; do
  case " $offered " in *" $part "*) ;; *) fail "this bundle has no part '$part'; it has: $offered." ;; esac
done
has() {{ case " $chosen " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }}
names=
if has system; then names="$names {system}"; fi
if has r; then names="$names {r}"; fi
if has browser; then names="$names {browser}"; fi
target=
if has python; then
  [ $# -eq 1 ] && [ -n "$1" ] || usage
  case "$1" in -*) usage ;; /*) target=$1 ;; *) target=$PWD/$1 ;; esac
  # A box has places of its own, which an environment would lie over or under.
  for own in {own}; do
    case "$target/" in "$own"/*) fail "boxes have '$own' for something of their own. Name a folder elsewhere." ;; esac
    case "$own/" in "$target"/*) fail "boxes have '$own' for something of their own. Name a folder elsewhere." ;; esac
  done
  # What an installation that was broken off left behind is made anew.
  [ ! -e "$target" ] || [ -f "$target/.datakamp-unfinished" ] \\
    || fail "'$1' is there already. Name a folder that is not."
elif [ $# -ne 0 ]; then
  fail "DIR is for the part python only, which was not asked for."
fi

command -v sha256sum >/dev/null || fail "sha256sum is missing (package coreutils)."
command -v find >/dev/null || fail "find is missing (package findutils)."
(cd "$here" && sha256sum --check --strict --quiet SHA256SUMS) || fail "a file is not the one that was bundled."
there=$(cd "$here" && find . ! -type d ! -path ./SHA256SUMS | sed 's,^\\./,,' | LC_ALL=C sort)
told=$(sed 's,^[0-9a-f]*  ,,' "$here/SHA256SUMS" | LC_ALL=C sort)
[ "$there" = "$told" ] || fail "a file lies in this folder that was not bundled. Take what is in SHA256SUMS only."
[ -z "$(find "$here" ! -type d ! -type f)" ] || fail "a link or a device lies in this folder. Take regular files only."

work=
begun=
ended() {{
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$begun" ] || rm -rf "$target"
}}
trap ended EXIT
trap 'exit 1' HUP INT TERM

fits() {{
  found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "there is no $python."
  [ "$found" = "{python}" ] || fail "this bundle is for Python {python}, and $python is $found. Set PYTHON."
  machine=$("$python" -c 'import sysconfig; print(sysconfig.get_platform())')
  [ "$machine" = "{platform}" ] || fail "this bundle is for {platform}, and this machine is $machine."
}}
choose() {{
  python=${{PYTHON:-python{python}}}
  [ -n "${{PYTHON:-}}" ] || command -v "$python" >/dev/null || python=python3
  command -v "$python" >/dev/null
}}

if [ -n "$names" ]; then
  release=$(set +u; . /etc/os-release 2>/dev/null && echo "$ID $VERSION_CODENAME") || release=
  release=$(echo $release)
  remedy="Install by this system's own means what it has of:$names. Then: sh install.sh --parts python DIR"
  [ "$release" = "{release}" ] \\
    || fail "the packages of the system are for {release}, and this machine is ${{release:-something else}}. $remedy"
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail "apt or dpkg is missing. $remedy"
  machine=$(dpkg --print-architecture)
  [ "$machine" = "{architecture}" ] \\
    || fail "the packages of the system are for {architecture}, and this machine is $machine. $remedy"
fi
# A Python that does not fit is refused before anything is installed. Where there is none yet, the system's may come.
if has python; then
  if choose; then fits; elif ! has system; then fail "there is no Python {python} here."; fi
fi

if [ -n "$names" ]; then
  lacking=
  for name in $names; do
    state=$(dpkg-query --show --showformat '${{db:Status-Status}}' "$name" 2>/dev/null) || state=
    [ "$state" = installed ] || lacking="$lacking $name"
  done
  if [ "$(id -u)" = 0 ]; then
    work=$(TMPDIR=/tmp mktemp -d)
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    # A name without spaces for apt, whatever this folder's is. Every digest in it was checked just now.
    ln -s "$here/system" "$work/packages"
    echo "deb [trusted=yes] file:$work/packages ./" > "$work/sources.list"
    offline() {{
      DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q --yes \\
        -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \\
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root \\
        -o APT::Install-Recommends=false -o APT::Install-Suggests=false -o Acquire::Languages=none "$@"
    }}
    offline update >/dev/null || fail "apt cannot read $here/system."
    # What is newer here stays, and nothing is removed.
    offline install --simulate --no-remove $names >/dev/null \\
      || fail "the packages do not fit to what is installed here. apt said why; nothing was installed."
    offline install --no-remove -o Dpkg::Options::=--force-confold $names \\
      || fail "the packages could not all be installed. Mend what apt said, and run this again."
  elif [ -n "$lacking" ]; then
    parts=$(for part in $chosen; do [ "$part" = python ] || echo "$part"; done | paste -s -d , -)
    fail "only root can install:$lacking. As root: sh $here/install.sh --parts $parts"
  fi
fi

has python || {{ echo "Installed:$names."; exit 0; }}
choose || fail "there is no Python {python} here."
fits
rm -rf "$target"
# Files that other users' kernels read.
umask 022
mkdir -p "$target"
begun=yes
: > "$target/.datakamp-unfinished"
"$python" -m venv "$target" || fail "Python's venv is missing (Debian: package python{python}-venv)."
PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 "$target/bin/python" -m pip --isolated install --quiet \\
  --no-index --find-links "$here/wheels" --require-hashes --no-deps --no-cache-dir \\
  --requirement "$here/requirements.txt" || fail "the packages could not be installed."
"$target/bin/python" -m pip --isolated check >/dev/null || fail "the packages do not fit together."
"$target/bin/datakamp" --version
rm "$target/.datakamp-unfinished"
begun=
command -v bwrap >/dev/null || echo "install: bubblewrap is missing; nothing runs in a box before it is installed." >&2
echo "Installed in $target. Next: $target/bin/datakamp doctor"
"""


def install_script(parts: tuple[Part, ...], closure: Closure | None, *, python: str, platform: str) -> bytes:
    """Return the script for a bundle of these parts.

    Args:
        closure: the Debian packages that it holds; None if it holds none.
        python: the Python that it is for, such as "3.11".
        platform: such as "linux-x86_64".
    """
    named = {part: " ".join(names) for part, names in closure.named} if closure is not None else {}
    return INSTALL.format(
        commas=",".join(parts), own=" ".join(OWN_PLACES),
        spaces=" ".join(parts), python=python, platform=platform,
        system=named.get(Part.SYSTEM, ""), r=named.get(Part.R, ""), browser=named.get(Part.BROWSER, ""),
        release=closure.release if closure else "", architecture=closure.architecture if closure else "",
    ).encode("ascii")  # fmt: skip
