# The board has no settings of its own.
