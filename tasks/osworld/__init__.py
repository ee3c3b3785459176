"""OSWorld's tasks as they are: read, sorted by what they need, set up and judged by OSWorld's own means.

`layout.read` finds and reads them, `example` says what one is, `needs.sort` what it takes to run it, and `coverage`
what of it was proved; none of these needs a desktop. `suite` makes of those that can be played tasks of ours:
`staging` is what sets one up (`setup`: the steps) and has it judged (`scoring.osworld`), `solutions` the ways through
them by mouse and keyboard. Facts of the format are those of `desktop_env` 1.0.2 (Apache-2.0), read from its source.
"""
