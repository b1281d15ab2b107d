"""The file that a save spares for the next one (vault/FORMAT.md, Saving)."""

import os
import re
import stat


def is_spare(directory, name):
    """Whether a directory's member is one, and no left-over of a save that was killed."""
    spared_for = re.fullmatch(r"\.(.*)\.saving-spare", name)
    about = os.lstat(os.path.join(directory, name))
    return bool(spared_for) and os.path.lexists(os.path.join(directory, spared_for[1])) and stat.S_ISREG(about.st_mode) \
        and stat.S_IMODE(about.st_mode) == 0o600 and about.st_nlink == 1
