"""The register: SQLAlchemy on SQLite, transactions, migrations, audit. The only place for SQL."""
