"""Stand-ins for the files that OSWorld's tasks bring: made by us, small, of the right type, under the right keys.

    python -m tests.osworld.standins --tasks DIR --assets DIR [--task GLOB]
    python -m tests.osworld.standins.proving --tasks DIR [--task GLOB | --sample N] [--proofs FILE] ...

The first writes them into a folder as `--assets` of `handeye osworld` wants it; the second runs tasks with them on a
desktop and writes down which ran through. A gold file is a stand-in, too, so no verdict over them says anything.
Nothing of OSWorld's is in here but the names that tasks give; the same task gets the same bytes everywhere.
"""
