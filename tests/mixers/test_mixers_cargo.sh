#!/bin/bash
# SPDX-License-Identifier: MIT
# test_mixers_cargo.sh MODE: cargo holds a build directory by flock, its cache by sqlite's fcntl.
# A second build waits for the first, a build for an outsider as the families meet.
. "$(dirname "$0")/lib.sh"
need cargo rustc
need_strace
gate
export CARGO_HOME=$dir/home
crate=$dir/crate
file=$crate/target/debug/.cargo-lock
mkdir -p "$crate/src"
printf '[package]\nname = "tiny"\nversion = "0.1.0"\n' >"$crate/Cargo.toml"

# The compiler is called under the lock; the crate's own call goes through the gate.
cat >"$dir/compiler" <<END
#!/bin/sh
case " \$* " in
*' --crate-name tiny '*) echo inside >$up && read -r _ <$down ;;
esac
exec "\$@"
END
chmod 755 "$dir/compiler"
change() { # the crate, so that the next build compiles it: CONTENT
  echo "// $1" >"$crate/src/lib.rs"
}

cargo=("${in_mode[@]}" cargo build --offline --manifest-path "$crate/Cargo.toml")
waits='Blocking waiting for file lock on (build|artifact) directory'

begin() { # NAME [WRAPPER…]: its standard error is ours to hear
  local name=$1
  shift
  start "$name" bash -o pipefail -c '"$@" 2>&1 | tee "$0"' "$dir/$name-said.err" "$@" "${cargo[@]}"
}

# says NAME: whether it has to wait for the directory, compiles, or is finished, which it says next.
says() {
  local line
  line=$(hear_until "$1" "$waits|^ *(Compiling|Finished) ")
  case $line in
  *Blocking*) echo waits ;;
  *Compiling*) echo compiles ;;
  *Finished*) echo finished ;;
  *) echo "$line" ;;
  esac
}

one_at_a_time() {
  export RUSTC_WRAPPER=$dir/compiler
  change first
  begin one traced "$dir/calls"
  is "$mode: one compiles" "$(says one), $(until_inside)" 'compiles, inside'
  is_held "$mode: what is held" "$file" "$(kinds_wanted flock)"
  is "$mode: what outsiders get" "$(probe "$file")" "$(probe_wanted ex flock)"
  begin two
  is "$mode: two" "$(says two)" waits
  until_waiting "$file"
  let_on
  is "$mode: one" "$(says one)" finished
  ended one
  is "$mode: one" "$status" 0
  is "$mode: two finds it built" "$(says two)" finished
  ended two
  is "$mode: two" "$status" 0
  unset RUSTC_WRAPPER
  is "$mode: calls" "$(calls_of "$dir/calls" "$file")" "$(calls_wanted flock)"
  is "$mode: hazards" "$(hazards)" ''
}

heeds() { # FAMILY
  change "beside $1"
  outside "$file" "$1" ex
  begin build
  if heeded_by "$1" flock; then
    is "$mode: beside $1" "$(says build)" waits
    until_waiting "$file"
    let_go
  fi
  is "$mode: with $1" "$(says build), $(says build)" 'compiles, finished'
  ended build
  is "$mode: with $1" "$status" 0
  heeded_by "$1" flock || let_go
}

one_at_a_time
for family in flock posix ofd; do
  heeds $family
done
finish
