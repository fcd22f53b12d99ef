"""Has the text of a script wrap some of its expressions. Lines keep their numbers."""

import ast


def wrapped(source, name, chosen):
    """The source with `name(...)` around each expression whose node is among those that `chosen(tree)` yields."""
    lines = source.split("\n")
    # From behind, so that places stay true.
    for node in sorted(chosen(ast.parse(source)), key=lambda node: (node.end_lineno, node.end_col_offset), reverse=True):
        for number, column, text in (
            (node.end_lineno, node.end_col_offset, ")"),
            (node.lineno, node.col_offset, f"{name}("),
        ):
            # ast counts bytes.
            line = lines[number - 1].encode()
            lines[number - 1] = (line[:column] + text.encode() + line[column:]).decode()
    return "\n".join(lines)
