# Sourced by the scripts beside it: where we are, how we talk, how long things took.
# In: nothing. Out: $root (and the working directory is there), say, warn, die, cores, took, has_command, our_sources,
# configure_and_build.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

if [[ -t 1 ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() { printf '%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '   %s\n' "$*"; }
warn() { printf '   %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# Compilers to run at once: THAP_JOBS, or one per core.
cores() { printf '%s' "${THAP_JOBS:-$(nproc)}"; }

# took SECONDS: "3 s" or "4 min 05 s".
took() {
  local seconds=$1
  if ((seconds < 60)); then printf '%d s' "$seconds"; else printf '%d min %02d s' $((seconds / 60)) $((seconds % 60)); fi
}

# has_command NAME: whether the built thap knows the command. False before it is built.
has_command() {
  [[ -x build/release/thap ]] && build/release/thap "$1" --help >/dev/null 2>&1 &&
    build/release/thap --help 2>&1 | grep -qw -- "$1"
}

# our_sources: every C++ file of ours, one a line.
our_sources() {
  local folders=() folder
  for folder in ingest nlp store rules serve app tests; do [[ -d $folder ]] && folders+=("$folder"); done
  find "${folders[@]}" -type f \( -name '*.h' -o -name '*.cc' \) | sort
}

# configure_and_build PRESET [TARGET...]: shows ninja's progress.
configure_and_build() {
  local preset=$1 log options=()
  shift
  # A preset asks for benchmarks; without a list of them there are none to build.
  [[ -f tests/bench/CMakeLists.txt ]] || options+=(-DTHAP_BENCHMARKS=OFF)
  # Configuring anew is cheap and picks up files that a pull has added; its output matters only if it fails.
  mkdir -p build
  log="$(mktemp build/configure.XXXXXX)"
  if ! cmake --preset "$preset" "${options[@]}" >"$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  cmake --build --preset "$preset" -j "$(cores)" ${@:+--target "$@"}
}
