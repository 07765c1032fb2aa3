"""Plot a schedule before training: python plot_schedule.py [FILE].

The plain Keras program with one import changed: the schedule was imported from
keras.optimizers.schedules. `schedule.table(2000)` gives all rates at once. docs/keras.md compares
the times of both with those of Keras.
"""

import sys

import matplotlib.pyplot as plt

from fastlr.keras import CosineDecay

schedule = CosineDecay(0.0, decay_steps=1500, warmup_target=0.1, warmup_steps=300)
rates = [float(schedule(step)) for step in range(2000)]

plt.plot(rates)
plt.xlabel("step")
plt.ylabel("learning rate")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "schedule.png")
print(f"highest {max(rates):.6f} at step {rates.index(max(rates))}, last {rates[-1]:.6f}")
