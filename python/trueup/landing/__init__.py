"""Landing: each file is checked, fingerprinted, archived as Parquet and registered."""
