"""What can keep the one-machine stack from starting, said so that the reader knows what to do."""


class StackError(Exception):
    """The stack cannot start or go on; the message says why and what to do about it."""
