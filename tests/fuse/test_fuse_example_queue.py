# SPDX-License-Identifier: MIT
"""examples/fuse-queue prints what its expected.txt says."""
import os

import mounted

mounted.skip_where_nothing_mounts()
os.execlp("sh", "sh", os.path.join(mounted.HERE, "../../examples/check.sh"), "fuse-queue",
          os.environ["BUILD"])
