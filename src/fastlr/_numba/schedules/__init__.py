"""One file per schedule: its constants and its formula."""
