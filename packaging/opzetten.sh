#!/usr/bin/env bash
# Set-up for developers and the demo: system libraries of Qt, a virtual environment, locked dependencies.
# Safe to run again: what is there already is left alone. Says what it does; a failure ends with a
# sentence that tells what to do.
set -euo pipefail
cd "$(dirname "$0")/.."

zeg() { printf '== %s\n' "$*"; }
stop() { printf '\n!! %s\n' "$*" >&2; exit 1; }

als_beheerder() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else return 1
  fi
}

# Debian package -> the library that Qt loads. Without a screen Qt still needs them.
systeem=(
  libgl1:libGL.so.1 libegl1:libEGL.so.1 libxkbcommon0:libxkbcommon.so.0 libdbus-1-3:libdbus-1.so.3
  libfontconfig1:libfontconfig.so.1 libglib2.0-0:libglib-2.0.so.0 libxkbcommon-x11-0:libxkbcommon-x11.so.0
  libxcb-cursor0:libxcb-cursor.so.0 libxcb-icccm4:libxcb-icccm.so.4 libxcb-image0:libxcb-image.so.0
  libxcb-keysyms1:libxcb-keysyms.so.1 libxcb-render-util0:libxcb-render-util.so.0
  libxcb-shape0:libxcb-shape.so.0 libxcb-xkb1:libxcb-xkb.so.1
)

systeembibliotheken() {
  [ "$(uname -s)" = Linux ] || return 0
  local bekend pakketten=() paar
  bekend=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
  for paar in "${systeem[@]}"; do
    grep -qF "${paar#*:} " <<<"$bekend" || pakketten+=("${paar%%:*}")
  done
  [ -d /usr/share/fonts/truetype ] || pakketten+=(fonts-dejavu-core)
  python_met_venv >/dev/null || pakketten+=(python3-venv)
  [ ${#pakketten[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || stop "Deze bibliotheken ontbreken: ${pakketten[*]}. Installeer ze met de pakketbeheerder van je systeem en begin opnieuw."
  zeg "Systeembibliotheken voor het venster: ${pakketten[*]}"
  { als_beheerder apt-get update -qq && als_beheerder env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${pakketten[@]}"; } >/dev/null 2>.opzetten.log \
    || stop "De systeembibliotheken konden niet worden geïnstalleerd. Voer zelf uit: sudo apt-get install ${pakketten[*]} - en begin opnieuw. (Melding: $(tail -n 1 .opzetten.log))"
  rm -f .opzetten.log
}

python_met_venv() {
  local kandidaat
  for kandidaat in python3.11 python3.12 python3.13 python3; do
    command -v "$kandidaat" >/dev/null || continue
    if "$kandidaat" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$kandidaat"
      return 0
    fi
  done
  return 1
}

systeembibliotheken
python=$(python_met_venv) || stop "Python 3.11 of hoger met venv is nodig. Op Debian 12: sudo apt-get install python3 python3-venv - en begin opnieuw."

stempel=$(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)
if [ "$(cat .venv/stempel 2>/dev/null || true)" != "$stempel" ]; then
  zeg "Virtuele omgeving met $("$python" --version) in .venv"
  [ -x .venv/bin/python ] || "$python" -m venv .venv || stop "De map .venv kon niet worden gemaakt. Is er schijfruimte, en mag je hier schrijven?"
  zeg "Afhankelijkheden volgens requirements.lock (de eerste keer een paar minuten)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
    || stop "De afhankelijkheden konden niet worden opgehaald. Kijk of dit systeem bij de pakketbron van Python kan en begin opnieuw."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . \
    || stop "Archiefklaar zelf kon niet in .venv worden gezet. Verwijder de map .venv en begin opnieuw."
  echo "$stempel" > .venv/stempel
fi
zeg "Klaar om te starten"
