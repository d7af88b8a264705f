"""The dashboard: pages and an API over a folder of runs. It reads what runs leave, and runs none itself."""
