"""The parts of the comparison: who takes part, whether the answers agree, how long it takes, and the table."""
