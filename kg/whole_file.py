"""Files that are there whole or not at all."""

import tempfile
from pathlib import Path


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put `data` into `path` by way of a draft beside it and a rename.

    Whoever reads meanwhile sees the old file or the new one; a failure leaves the old one and no
    draft.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    data : bytes
    mode : int
        Permissions of the file.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        draft = Path(file.name)
        try:
            file.write(data)
            file.close()
            draft.chmod(mode)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
