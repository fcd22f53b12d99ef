"""The end of a script on the unix port.

MicroPython 1.27 and later run a file as they run the prompt's input (`pyexec`). Then the traceback that ends a
script is on standard output, behind all that the script has printed, and Ctrl-C ends with the status of a shell.
"""

# The status after Ctrl-C: up to MicroPython 1.26, and since 1.27.
INTERRUPTED = (1, 130)

_FIRST_LINE = "Traceback (most recent call last):\n"


def traceback_apart(status, printed, errors):
    """The standard output and the standard error of a script, with the traceback that ended it in the latter."""
    if status in INTERRUPTED and not errors and _FIRST_LINE in printed:
        printed, first_line, rest = printed.rpartition(_FIRST_LINE)
        errors = first_line + rest
    return printed, errors
