"""OSWorld's tasks as they are: read, sorted by what they need, their files found. No desktop, and no evaluator.

`layout.read` finds and reads them, `example` says what one is, `needs.sort` what it takes to run it, and `coverage`
what of it was proved. Facts of the format are those of `desktop_env` 1.0.2 (Apache-2.0), read from its source.
"""
