"""Pictures of schedules: Matplotlib's, a terminal's, and a small one for notebooks."""
