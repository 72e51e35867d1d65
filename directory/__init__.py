"""The working directory of an initiative's co-signatories."""
