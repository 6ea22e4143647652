# SPDX-License-Identifier: MIT
# queue.py put|take FILE: a worker that keeps its queue open. Under flock, `put` appends a line of its
# input each time and answers `ok`; `take` answers each line of input with the next job, or `none`.
import fcntl
import sys

verb, path = sys.argv[1:]
with open(path, {'put': 'ab', 'take': 'rb'}[verb], buffering=0) as queue:
    for line in sys.stdin:
        fcntl.flock(queue, fcntl.LOCK_EX)
        if verb == 'put':
            queue.write(line.encode())
            answer = 'ok'
        else:
            answer = queue.readline().decode().strip() or 'none'
        fcntl.flock(queue, fcntl.LOCK_UN)
        print(answer, flush=True)
