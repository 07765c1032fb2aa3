"""Write the schedule that trainer.c trains with, and print the rates it will use.

python write_schedule.py schedule.json
"""

import json
import sys
from pathlib import Path

import fastlr

schedule = fastlr.CosineDecay(0.0, 180, warmup_target=0.5, warmup_steps=20)
Path(sys.argv[1]).write_text(json.dumps(fastlr.serialize(schedule)))

for step in range(0, 201, 50):
    print(f"step {step:3} rate {schedule(step):.9g}")
