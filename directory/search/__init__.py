"""Search: knows documents, not members; an index that follows the database."""
