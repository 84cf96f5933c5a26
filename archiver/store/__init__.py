"""The register: SQLAlchemy on SQLite, transactions, migrations, audit trail. The only place for SQL."""
