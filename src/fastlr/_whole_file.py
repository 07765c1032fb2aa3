"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

#: File systems without unnamed files answer with one of these.
_NO_UNNAMED_FILES = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)

#: That lead to one another, as in Linux.
_MOST_LINKS = 40


def can_replace(output: Path) -> bool:
    """Whether a file may get this name: not where there is a folder, a device or a pipe.

    An OSError tells what can be no file: a link to itself, a name that is too long.
    """
    try:
        return stat.S_ISREG(output.stat().st_mode)
    except FileNotFoundError:
        return True


def check_space(output: Path, size: int | None) -> None:
    """Refuse at once, rather than after minutes, what the disk cannot hold."""
    free = shutil.disk_usage(followed(output).parent).free
    if size is not None and size > free:
        raise OSError(errno.ENOSPC, f"it takes {size:,} bytes, and {free:,} bytes are free")


def followed(output: Path) -> Path:
    """The file that a name leads to, through links of this user's own.

    In a folder where others may write, one of them can put a link under a name that is about to be
    used, to a file of this user's: an OSError names it. Those of root are taken, too.
    """
    found = Path()
    parts = list(reversed(output.absolute().parts))
    links = 0
    while parts:
        here = found / parts.pop()  # the first part, and that of an absolute link, is the root
        if here.name == "..":
            found = found.parent
        elif not here.is_symlink():
            found = here
        else:
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            _refuse_of_others(here)
            parts += reversed(Path(os.readlink(here)).parts)
    return found


def _refuse_of_others(link: Path) -> None:
    if not hasattr(os, "geteuid"):  # not POSIX: others make no links
        return
    is_shared = link.parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if is_shared and link.lstat().st_uid not in (os.geteuid(), 0):
        raise PermissionError(
            errno.EPERM,
            f"{link} is a link that another user has put into a folder where others may write",
        )


@contextmanager
def whole_file(output: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when the block ends without an exception.

    Until then it has no name at all where the file system can do that (Linux: O_TMPFILE), so that
    nothing is left even of a process that is killed; elsewhere a hidden one beside `output`.
    """
    output = followed(output)
    hidden = output.with_name(f".fastlr-{secrets.token_hex(4)}")
    descriptor = _unnamed(output.parent)
    named = descriptor is None
    if descriptor is None:
        descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            if hasattr(os, "fchmod") and output.exists():  # Windows: from Python 3.13 on
                os.fchmod(descriptor, output.stat().st_mode & 0o7777)
            os.fsync(descriptor)
            if not named:
                _link(descriptor, hidden)
        os.replace(hidden, output)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(hidden)
        raise


def _unnamed(folder: Path) -> int | None:
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o666)
    except OSError as error:
        if error.errno in _NO_UNNAMED_FILES and folder.is_dir():
            return None
        raise


def _link(descriptor: int, name: Path) -> None:
    """Give an unnamed file a name: through the link that /proc has for it (open(2))."""
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        # Only with a folder does Python call linkat(), the function that follows that link.
        os.link(f"/proc/self/fd/{descriptor}", name.name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(folder)
