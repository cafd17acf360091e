"""`python -m provserver`: the command line."""

from provserver.cli import main

if __name__ == "__main__":
    main()
