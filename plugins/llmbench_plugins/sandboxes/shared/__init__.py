"""What sandboxes share: processes, files and folders of this host, and libraries of toolchains."""
