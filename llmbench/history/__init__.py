"""All runs at a glance: a database beside the run folders, which it can always be rebuilt from.

It reads records and score. Folders are the truth; a row here is only ever what a folder said.
"""
