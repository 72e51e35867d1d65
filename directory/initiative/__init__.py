"""The initiative: its name, statement, zones and taxonomies, which everyone reads."""
