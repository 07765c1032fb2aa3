"""Print the rates that trainer.cpp prints: the same schedule in Python."""

import fastlr

schedule = fastlr.CosineDecay(0.0, 180, warmup_target=0.1, warmup_steps=20)
for step in range(0, 201, 20):
    print(f"step {step:3} rate {schedule(step):.9g}")
