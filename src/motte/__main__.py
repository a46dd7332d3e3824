"""`python -m motte` is `motte`."""

from motte.cli.main import main

if __name__ == "__main__":
    main()
