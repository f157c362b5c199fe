"""`python -m mock_clob` is `mock-clob`."""

import sys

from mock_clob.cli import main

sys.exit(main())
