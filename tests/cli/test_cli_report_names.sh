# SPDX-License-Identifier: MIT
# Names that anybody may have chosen neither reach the terminal nor break the JSON.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

make_trace t <<'END'
t=1700000000 pid=10 prog=\x1b[2Jphp file=/srv/\x1b[31m\n"\\\xff\xc3\xa9\xed\xa0\x80/</script>
pid=11 prog=cron id=wait file=/srv/\x1b[31m\n"\\\xff\xc3\xa9\xed\xa0\x80/</script> hazards=two-names
END
try "$LOCKSHIM" report t
expect_status 0
tr -d '\n' <"$work/out" | LC_ALL=C grep -q '[[:cntrl:]]' && fail "a control character went out"
expect_out "/srv/"

# What is no UTF-8 comes back from Python as the bytes that it was.
expect_json t <<'END'
import os
name = os.fsencode(d["files"][0]["file"])
same(name, b'/srv/\x1b[31m\n"\\\xff\xc3\xa9\xed\xa0\x80/</script>')
same(d["hazards"][0]["program"], "cron")
same(d["waits"][0]["holder"]["program"], "\x1b[2Jphp")
END
try "$LOCKSHIM" report --perfetto - t
python3 - "$work/out" <<'END' || fail "not the timeline expected"
import json, os, sys
d = json.load(open(sys.argv[1]))
assert any(os.fsencode(e["name"]).endswith(b'\xff\xc3\xa9\xed\xa0\x80/</script>') for e in d["traceEvents"])
END
