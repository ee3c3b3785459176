"""Results as OSWorld's runners leave them on disk: read (`layout`, `stored`) and written (`writing`).

    RESULTS/<action space>/<observation type>/<model>/<domain>/<task id>/
        traj.jsonl                a line for each action; or {"Error": ...}
        step_<n>_<stamp>.png      what it led to
        result.txt                the score, last of all: a folder without it is unfinished, and is run again
        recording.mp4, runtime.log
    RESULTS/<action space>/<observation type>/<model>/args.json
    RESULTS/summary/results.json

Runners of the same family write more: `step_0.png` is the screen before the first action, `instruction.txt` the goal.
"""
