"""The peer of the benchmarks: bench/peer.c with its own certificates."""

import subprocess
import sys
import tempfile
from pathlib import Path

from umqtt_source import BUILD, ROOT

sys.path.insert(0, str(ROOT / "python_tests"))
from harness import certificates  # noqa: E402


class Peer:
    """Runs while the `with` lasts. `ca` is the file of the authority that has signed its certificate."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mqtt-bench-")
        self.ca = Path(self._folder.name, "ca.crt")
        self.ca.write_text(certificates.root().pem, encoding="utf-8")
        files = map(str, certificates.local_server().files(self._folder.name))
        self._process = subprocess.Popen([BUILD / "peer", *files], stdout=subprocess.PIPE, text=True)
        try:
            self.port, self.tls_port = (int(self._process.stdout.readline()) for _ in range(2))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()
