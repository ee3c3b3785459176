"""What runs inside the sandbox, under the evaluators' own interpreter: the standard library and this folder only.

Nothing of handeye is to be had here, and nothing here may be imported by handeye but `names`, which only reads.
The folder is seen inside as the package `inside`, so its modules know each other by relative imports.
"""
