"""`python -m hub`: the same program as `hub`, for child processes."""

from hub.cli import main

if __name__ == "__main__":
    main()
