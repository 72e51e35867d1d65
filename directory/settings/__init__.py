"""The desk's pages of what administrators set: names, statement, taxonomies, times, texts of pages."""
