"""MDTO as dataclasses in the words of the norm, XML in and out, rules beyond the schema."""
