# Installs distribution packages when that is allowed; sourced by ./deadbox and ./test.
# Everything goes to standard error: standard output belongs to the program.
# shellcheck shell=sh

# as_root COMMAND...: runs it as root, directly or through a sudo that asks nothing. False when neither is possible.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo -n -- "$@"
  else
    return 1
  fi
}

# can_be_root: whether as_root would work.
can_be_root() {
  as_root true 2>/dev/null
}

# quietly COMMAND...: bounded in time where timeout(1) exists, no questions, no output.
quietly() {
  if command -v timeout >/dev/null 2>&1; then
    set -- timeout 600 "$@"
  fi
  as_root env DEBIAN_FRONTEND=noninteractive "$@" </dev/null >/dev/null 2>&1
}

apt_update() {
  quietly apt-get -q -o Acquire::Retries=0 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=120 update
}

# install_packages NAME...: true when the package manager installed all of them.
install_packages() {
  if command -v apt-get >/dev/null 2>&1; then
    quietly apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@" && return 0
    apt_update || return 1   # package lists may be absent (fresh container) or stale
    quietly apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "$@"
  elif command -v dnf >/dev/null 2>&1; then
    quietly dnf -q -y install "$@"
  elif command -v yum >/dev/null 2>&1; then
    quietly yum -q -y install "$@"
  elif command -v zypper >/dev/null 2>&1; then
    quietly zypper -q -n install "$@"
  elif command -v apk >/dev/null 2>&1; then
    quietly apk add --quiet "$@"
  else
    return 1
  fi
}

# libyara_present: whether a shared libyara lies in a usual library directory (no ldconfig: this runs at every start).
libyara_present() {
  for candidate in /usr/lib/*/libyara.so.* /usr/lib/libyara.so.* /usr/lib64/libyara.so.* /lib/*/libyara.so.* /usr/local/lib/libyara.so* /usr/local/lib/*/libyara.so*; do
    [ -e "$candidate" ] && return 0
  done
  return 1
}

# libyara_package: prints what this distribution calls the library, "yara" where it has no package of its own.
libyara_package() {
  if command -v apt-cache >/dev/null 2>&1; then
    newest=$(apt-cache pkgnames libyara 2>/dev/null | grep -E '^libyara[0-9]+(t64)?$' | sort -V | tail -n 1)
    printf '%s\n' "${newest:-libyara9}"
  elif command -v zypper >/dev/null 2>&1; then
    printf '%s\n' libyara10
  else
    printf '%s\n' yara
  fi
}

# install_libyara: true when libyara is there afterwards.
install_libyara() {
  if command -v apt-cache >/dev/null 2>&1 && ! apt-cache pkgnames libyara 2>/dev/null | grep -qE '^libyara[0-9]'; then
    apt_update || true
  fi
  install_packages "$(libyara_package)" && libyara_present
}
