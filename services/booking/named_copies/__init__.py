"""Named copies: a frozen report's rows with the names that only booking knows, handed over once and kept nowhere."""
