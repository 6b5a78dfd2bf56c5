"""``python -m menura``."""

import sys

from menura.app.cli import main

sys.exit(main())
