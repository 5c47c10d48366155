"""`python -m fieldlab` is the same as `fieldlab`."""

import sys

from fieldlab.app.cli.main import main

sys.exit(main())
