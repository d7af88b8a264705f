"""Keys of an engine under TLS, as Docker's manual has them made."""

import subprocess
from pathlib import Path


def make_certificates(folder: Path) -> None:
    """Write ca.pem, and a certificate and a key for each end: cert.pem and key.pem, server.pem …."""
    _openssl(
        folder,
        *(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ),
        *("-subj", "/CN=llmbench test authority", "-keyout", "ca-key.pem", "-out", "ca.pem"),
    )
    for certificate, key, extensions in (
        ("cert.pem", "key.pem", "extendedKeyUsage=clientAuth"),
        ("server.pem", "server-key.pem", "extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1"),
    ):
        (folder / "extensions").write_text(extensions, encoding="utf-8")
        _openssl(
            folder,
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", f"/CN={certificate}", "-keyout", key, "-out", "request"),
        )
        _openssl(
            folder,
            *("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"),
            *("-days", "2", "-extfile", "extensions", "-out", certificate),
        )


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
