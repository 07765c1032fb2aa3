"""One file per schedule. :data:`SCHEDULES` fills itself as their classes are made."""
