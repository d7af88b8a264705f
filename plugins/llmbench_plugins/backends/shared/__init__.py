"""What backends share: HTTP, chat, streams, faults, the hub, and server processes."""
