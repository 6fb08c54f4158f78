"""The command `fleet`: as `python -m fleet`, and as the script that installation makes."""

import gc
import signal

# Interrupted while it loads, it just ends, without a traceback; `main` then has Python's handler again.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
# A command lives for seconds and keeps nearly all that it makes: looking for garbage took a fifth of a preview's time.
gc.disable()

from fleet.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
