"""The command `fleet`: as `python -m fleet`, and as the script that installation makes."""

import gc

# A command lives for seconds and keeps nearly all that it makes: looking for garbage took a fifth of a preview's time.
gc.disable()

from fleet.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
