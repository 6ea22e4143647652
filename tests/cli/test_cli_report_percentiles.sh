# SPDX-License-Identifier: MIT
# Percentiles are exact for up to 64 values, and within 0.8 % for more.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

spans() { # FILE TIME...
  file=$1
  shift
  for time; do
    echo "pid=10 prog=php file=$file waited=$time"
    echo "t=+$time pid=10 prog=php id=release file=$file held=$time"
  done
}
# shellcheck disable=SC2046 # a word a number
make_trace t <<END
t=1700000000 pid=10 prog=php id=query file=/srv/few
$(spans /srv/few $(seq 0.001 0.001 0.064))
$(spans /srv/many $(seq 0.001 0.001 1))
$(spans /srv/one 0.0000005)
END

expect_json t <<'END'
files = {f["file"]: f for f in d["files"]}
few, many, one = (files["/srv/" + name] for name in ("few", "many", "one"))
for what in ("wait-", "hold-"):
    same([ms(few[what + k]) for k in ("p50", "p99", "max", "total")], [32, 64, 64, 2080])
    same([one[what + k] for k in ("p50", "p99", "max", "total")], [500] * 4)
    same([ms(many[what + k]) for k in ("max", "total")], [1000, 500500])
    for k, exact in (("p50", 500), ("p99", 990)):
        found = ms(many[what + k])
        if abs(found - exact) > exact * 0.008:
            sys.exit("%s%s: %r is not about %r" % (what, k, found, exact))
END
