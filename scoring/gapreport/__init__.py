"""The parts of a study's verdicts: pure functions from its records to closed types. See `scoring.verdicts`."""
