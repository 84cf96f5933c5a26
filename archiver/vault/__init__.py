"""The vault: original bytes, content-addressed, never changed."""
