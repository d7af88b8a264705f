"""Names that models give to arguments elsewhere, and ours. What is not here is an error that names ours."""

PATH = {
    "file_path": "path",
    "filepath": "path",
    "filename": "path",
    "file": "path",
    "target_file": "path",
    "absolute_path": "path",
}
FOLDER = {"directory": "path", "dir": "path", "dir_path": "path", "folder": "path", "file_path": "path"}
LINES = {"offset": "start_line", "line_start": "start_line", "start": "start_line", "line_end": "end_line"}
CONTENT = {"contents": "content", "text": "content", "file_text": "content", "code": "content"}
EDIT = {
    "old_str": "old_string",
    "old_text": "old_string",
    "old": "old_string",
    "search": "old_string",
    "new_str": "new_string",
    "new_text": "new_string",
    "new": "new_string",
    "replace": "new_string",
    "replacement": "new_string",
    "replaceAll": "replace_all",
}
COMMAND = {"cmd": "command", "script": "command", "timeout": "timeout_s"}
