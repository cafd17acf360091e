"""One folder of numbered migrations a database; `storage.schema` runs them."""
