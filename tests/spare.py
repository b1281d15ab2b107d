"""The file that a save spares for the next one (vault/FORMAT.md, Saving)."""

import os
import stat


def is_spare(directory, name):
    """Whether a directory's member is one, and no left-over of a save that was killed."""
    about = os.lstat(os.path.join(directory, name))
    return name.startswith(".") and name.endswith(".saving-spare") and stat.S_ISREG(about.st_mode) \
        and stat.S_IMODE(about.st_mode) == 0o1600 and about.st_nlink == 1
