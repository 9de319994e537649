"""The script that installs a bundle: plain sh, without network, and not one byte before every digest holds."""

from __future__ import annotations

from typing import Final

INSTALL: Final = """\
#!/bin/sh
# Installs Datakamp from this folder, without network:  sh install.sh DIR
# DIR becomes a Python environment; the command is DIR/bin/datakamp. PYTHON names another Python than python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fail() {{ echo "install: $1" >&2; exit 1; }}
[ $# -eq 1 ] || {{ echo "Usage: sh install.sh DIR" >&2; exit 2; }}
[ ! -e "$1" ] || fail "'$1' is there already. Name a folder that is not."
python=${{PYTHON:-python3}}
command -v sha256sum >/dev/null || fail "sha256sum is missing (package coreutils)."
(cd "$here" && sha256sum --check --strict --quiet SHA256SUMS) || fail "a file is not the one that was bundled."
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "there is no $python."
[ "$found" = "{python}" ] || fail "this bundle is for Python {python}, and $python is $found. Set PYTHON."
machine=$("$python" -c 'import sysconfig; print(sysconfig.get_platform())')
[ "$machine" = "{platform}" ] || fail "this bundle is for {platform}, and this machine is $machine."
if ! command -v bwrap >/dev/null; then
  debs=$(find "$here/system" -name '*.deb' 2>/dev/null || true)
  if [ -n "$debs" ] && [ "$(id -u)" = 0 ] && command -v dpkg >/dev/null; then
    # What is newer here stays. The files are those of this bundle, so nothing is fetched.
    find "$here/system" -name '*.deb' -exec dpkg --install --skip-same-version --refuse-downgrade {{}} + \\
      || fail "bubblewrap could not be installed from $here/system."
  else
    fail "bubblewrap is missing. As root, on Debian: dpkg --install $here/system/*.deb"
  fi
fi
"$python" -m venv "$1" || fail "Python's venv is missing (Debian: package python3-venv)."
# Files that other users' kernels read.
umask 022
PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 "$1/bin/python" -m pip --isolated install --quiet \\
  --no-index --find-links "$here/wheels" --require-hashes --no-deps --no-cache-dir \\
  --requirement "$here/requirements.txt" || fail "the packages could not be installed."
"$1/bin/python" -m pip --isolated check >/dev/null || fail "the packages do not fit together."
"$1/bin/datakamp" --version
echo "Installed in $1. Next: $1/bin/datakamp doctor"
"""


def install_script(*, python: str, platform: str) -> bytes:
    """Return the script for a bundle made for a Python, such as "3.11", and a platform, such as "linux-x86_64"."""
    return INSTALL.format(python=python, platform=platform).encode("ascii")
