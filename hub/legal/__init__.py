"""The law: its identifiers, its texts as the DILA publishes them, its dates."""
