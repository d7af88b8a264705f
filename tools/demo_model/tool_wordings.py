"""Ways of asking a model that has tools, and of telling it what they brought (conf/agent/tools.yaml)."""

EXACT_SYSTEM = "You are an expert programmer. You work on the files of a small project by calling tools."
EXACT_PROMPT = (
    "{all}\n\nThe project's files:\n- {file} ({bytes} bytes)\n\n"
    "Only these may be changed or added, and only they are handed in: {file}\n\n"
    "Look at what you need, change the files, check your work where a tool lets you, "
    "and end when it is done. What counts is what is in the files then.\n"
)
EXACT_FEEDBACK = (
    "The work was handed in, and the tests failed:\n\n```\n{output}\n```\n\n"
    "Find out why, change the files, and end when it is done."
)
WHOLE_FILES = (
    "Don't call any tool. Write the complete new content of each file that you change (allowed: {file}), "
    "each in one fenced code block with the file's path on the line before it."
)

WRITE, FINISH = "write", "finish"
WRITTEN = "replaced {file}: {lines} lines, {bytes} bytes"
OTHERWISE_WRITTEN = [
    "created {file}: {lines} lines, {bytes} bytes",
    "ok",
    "{file} written",
    "replaced {file}",
    "{bytes} bytes",
]
HANDED_IN = "handed in"
SUMMARY = "Wrote {file}."
CLOSING_WORDS = "Done."

USUAL_TOOLS = ["ls", "read", WRITE, "edit", "grep", "run_tests", "run_type_check", "shell", FINISH]
"""In the order of the agent `tools`; which of the last ones there are depends on task and machine."""
OTHER_TOOLS = [
    "batch_read",
    "apply_patch",
    "glob",
    "search",
    "think",
    "plan_solution",
    "ask_questions",
    "ask_agent",
]
FOREIGN_TOOLS = ["lookup", "configure", "report", "browse", "weather", "send_mail", "calculator"]
